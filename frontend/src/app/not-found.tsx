import type { Metadata } from 'next'
import { getTranslations } from 'next-intl/server'
import { LateMissing } from '@/components/shell/late-missing'

export async function generateMetadata(): Promise<Metadata> {
  const t = await getTranslations('common.notFound')
  return { title: t('title'), robots: { index: false } }
}

export default function NotFound() {
  return <LateMissing />
}
