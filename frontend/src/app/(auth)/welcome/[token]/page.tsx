import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { FirstLogin } from '@/features/hosting/first-login'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('auth.welcome')
  return { title: t('title'), robots: { index: false }, referrer: 'no-referrer' }
}

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <FirstLogin token={(await params).token} />
}
