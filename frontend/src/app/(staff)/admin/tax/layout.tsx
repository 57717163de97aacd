import type { ReactNode } from 'react'
import { DeskWords } from '@/i18n/desk'

export default function Layout({ children }: { children: ReactNode }) {
  return <DeskWords>{children}</DeskWords>
}
