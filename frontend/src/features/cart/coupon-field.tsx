'use client'

import { Button, Group, Text, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { useMoney } from '@/components/money'
import { useCoupon } from '.'
import classes from './cart.module.css'
import type { Quote } from './quote'

/** One code for each order: typed, applied with what it takes off, or refused with the reason. `quote`: none while nobody is logged in. */
export function CouponField({ quote, busy }: { quote: Quote | undefined; busy: boolean }) {
  const t = useTranslations('cart.coupon')
  const money = useMoney()
  const { coupon, setCoupon } = useCoupon()
  const [typed, setTyped] = useState(coupon)
  const send = (event: FormEvent) => {
    event.preventDefault()
    setCoupon(typed)
  }
  const remove = () => {
    setTyped('')
    setCoupon('')
  }
  const applied = coupon ? quote?.coupon : null
  const waits = coupon !== '' && !quote
  if (applied || waits)
    return (
      <div className={classes.coupon}>
        <Group justify="space-between" wrap="nowrap" gap="sm">
          <Text size="sm" className="np-break" role="status">
            <strong>{applied?.code ?? coupon}</strong>
            {applied ? `: ${applied.name} (−${money(applied.discount)})` : null}
          </Text>
          <Button size="compact-sm" variant="subtle" color="gray" onClick={remove} aria-label={t('removeWhat', { code: applied?.code ?? coupon })}>
            {t('remove')}
          </Button>
        </Group>
        {waits && (
          <Text size="sm" c="dimmed">
            {t('later')}
          </Text>
        )}
        {applied && applied.periods !== 1 && (
          <Text size="sm" c="dimmed">
            {applied.periods === null ? t('forEver') : t('periods', { count: applied.periods })}
          </Text>
        )}
      </div>
    )
  return (
    <form onSubmit={send} className={classes.coupon}>
      <Group gap="xs" align="flex-start" wrap="nowrap">
        <TextInput
          flex={1}
          size="sm"
          aria-label={t('label')}
          placeholder={t('label')}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          error={coupon && quote?.refusal && typed.trim() === coupon ? quote.refusal : undefined}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          maxLength={64}
        />
        <Button type="submit" size="sm" variant="default" loading={busy && coupon !== ''}>
          {t('apply')}
        </Button>
      </Group>
    </form>
  )
}
