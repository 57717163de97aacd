import type { ReactNode } from 'react'
import { CatalogWords } from '@/i18n/catalog'

export default function Layout({ children }: { children: ReactNode }) {
  return <CatalogWords>{children}</CatalogWords>
}
