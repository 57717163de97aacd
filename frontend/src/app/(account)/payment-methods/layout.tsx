import type { ReactNode } from 'react'
import { SubscriptionWords } from '@/i18n/subscriptions'

export default function Layout({ children }: { children: ReactNode }) {
  return <SubscriptionWords>{children}</SubscriptionWords>
}
