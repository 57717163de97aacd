'use client'

import { useLocale, useTranslations } from 'next-intl'
import { Facts } from '@/components/facts'
import { useMoney } from '@/components/money'
import { When } from '@/components/when'
import { countryName } from '@/lib/address'
import type { Policy } from './queries'

/** What a version of the policy says, in words. */
export function PolicyFacts({ policy }: { policy: Policy }) {
  const t = useTranslations('desk.policy')
  const locale = useLocale()
  const money = useMoney()
  const yes = (value: boolean) => t(value ? 'yes' : 'no')
  const countries = (codes: string[]) => codes.map((code) => countryName(code, locale)).join(', ')
  const differing = Object.entries(policy.inclusive_by_country).map(([code, within]) => `${countryName(code, locale)}: ${yes(within)}`)
  return (
    <Facts
      of={[
        [t('version'), policy.version],
        [t('effective'), <When key="e" at={policy.effective_on} />],
        [t('seller'), countryName(policy.seller_country, locale)],
        [t('smallBusiness'), yes(policy.small_business)],
        [
          t('notes'),
          Object.keys(policy.small_business_notes).length > 0 &&
            Object.entries(policy.small_business_notes).map(([code, note]) => <div key={code}>{`${code}: ${note}`}</div>),
        ],
        [t('oss'), t(`oss_${policy.oss}`)],
        [t('threshold'), policy.threshold_minor === null ? t('usual') : money({ amount: policy.threshold_minor, currency: policy.home_currency })],
        [t('inclusive'), yes(policy.inclusive)],
        [t('byCountry'), differing.join(' · ')],
        [t('rounding'), `${t(`scope_${policy.rounding_scope}`)}, ${t(`mode_${policy.rounding_mode}`)}`],
        [t('third'), t(`third_${policy.third_country}`)],
        [t('recheck'), t('days', { days: policy.recheck_days })],
        [t('requester'), policy.requester_id],
        [t('late'), t(`late_${policy.late_proof}`)],
        [t('provider'), countries(policy.provider_countries) || t('noProvider')],
        [t('failure'), policy.provider_countries.length > 0 && t(`failure_${policy.provider_failure}`)],
        [t('home'), policy.home_currency],
      ]}
    />
  )
}
