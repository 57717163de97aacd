import type { ReactNode } from 'react'
import { CatalogWords } from '@/i18n/catalog'
import { UpkeepWords } from '@/i18n/upkeep'

export default function Layout({ children }: { children: ReactNode }) {
  return (
    <CatalogWords shop>
      <UpkeepWords>{children}</UpkeepWords>
    </CatalogWords>
  )
}
