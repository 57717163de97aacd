import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { LoginPage } from '@/features/identity/login'
import { describePage } from '../../describe'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.login')
  return describePage('/login', t('title'), t('description'))
}

export default function Page() {
  return (
    <Suspense>
      <LoginPage />
    </Suspense>
  )
}
