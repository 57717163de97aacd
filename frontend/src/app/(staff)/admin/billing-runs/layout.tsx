import type { ReactNode } from 'react'
import { UpkeepWords } from '@/i18n/upkeep'

export default function Layout({ children }: { children: ReactNode }) {
  return <UpkeepWords>{children}</UpkeepWords>
}
