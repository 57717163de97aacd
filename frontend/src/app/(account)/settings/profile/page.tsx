import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { Suspense } from 'react'
import { ProfilePage } from '@/features/account/profile-page'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('account.titles')
  return { title: t('profile') }
}

export default function Page() {
  return (
    <Suspense>
      <ProfilePage />
    </Suspense>
  )
}
