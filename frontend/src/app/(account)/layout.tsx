import type { Metadata } from 'next'
import type { ReactNode } from 'react'
import { AccountShell } from '@/components/shell/account-shell'

export const metadata: Metadata = { robots: { index: false } }

export default function AccountLayout({ children }: { children: ReactNode }) {
  return <AccountShell>{children}</AccountShell>
}
