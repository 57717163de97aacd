import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { RegisterPage } from '@/features/identity/register'
import { describePage } from '../../describe'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.register')
  return describePage('/register', t('title'), t('description'))
}

export default function Page() {
  return (
    <Suspense>
      <RegisterPage />
    </Suspense>
  )
}
