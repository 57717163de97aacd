'use client'

import { Button, Checkbox, CloseButton, Group, NativeSelect, Skeleton, Stack, TextInput } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { Choice } from '@/components/form/choice'
import { Trouble } from '@/components/trouble'
import { useCompany } from '@/features/company'
import classes from './catalog.module.css'
import { type AmountRow, bodyOf, type CouponDraft, draftOf, newCoupon, newRow } from './coupon-draft'
import { CouponScope, CouponTerms } from './coupon-terms'
import { AmountField, currencyChoices, NumberField, Part } from './fields'
import { FormPage } from './form-page'
import { type Coupon, changeCoupon, createCoupon, useCoupon } from './queries'
import { Sheet } from './sheet'
import { useFaultWords } from './words'

const NAMES =
  'code name percent_ppm amounts minimums periods plan_codes tlds covers_setup new_customers_only per_customer max_uses valid_from valid_until'.split(
    ' ',
  )

export function NewCouponPage() {
  const { currency } = useCompany()
  return <CouponForm initial={newCoupon(currency)} />
}

export function EditCouponPage({ id }: { id: string }) {
  const { currency } = useCompany()
  const found = useCoupon(id)
  if (found.error && !found.data) return <Trouble error={found.error} retry={() => found.refetch()} />
  return found.data ? <CouponForm initial={draftOf(found.data, currency)} coupon={found.data} /> : <Skeleton height={480} radius="lg" />
}

function CouponForm({ initial, coupon: given }: { initial: CouponDraft; coupon?: Coupon }) {
  const t = useTranslations('catalog')
  const words = useFaultWords()
  const [coupon] = useState(given)
  const [draft, setDraft] = useState(initial)
  const put = (change: Partial<CouponDraft>) => setDraft((before) => ({ ...before, ...change }))
  const save = async (reason: string | undefined) => {
    const sheet = new Sheet(words)
    const body = { ...bodyOf(draft, sheet), reason }
    sheet.check()
    // Nothing chosen would mean everything: not what "only these" says.
    if (!draft.everything && body.plan_codes.length + body.tlds.length === 0)
      throw new Problem(422, 'invalid', '', [{ field: 'plan_codes', message: t('coupon.nothing') }])
    const saved = coupon ? await changeCoupon(coupon, body) : await createCoupon({ ...body, code: draft.code.trim() })
    return `/admin/coupons/${saved.id}`
  }
  const amounts = [...draft.amounts.map((row) => `amounts.${row.currency}`), ...draft.minimums.map((row) => `minimums.${row.currency}`)]
  return (
    <FormPage
      title={coupon ? t('plan.changeTitle', { name: coupon.code }) : t('coupons.make')}
      text={t('coupon.text')}
      back={coupon ? { href: `/admin/coupons/${coupon.id}`, label: coupon.code } : { href: '/admin/coupons', label: t('coupons.title') }}
      submit={coupon ? t('fields.save') : t('coupons.make')}
      done={coupon ? t('fields.saved') : t('coupon.created', { code: draft.code.trim().toUpperCase() })}
      names={[...amounts, ...NAMES]}
      save={save}
    >
      {(faults) => (
        <>
          <About draft={draft} put={put} faults={faults} isNew={!coupon} />
          <TakesOff draft={draft} put={put} faults={faults} />
          <CouponScope draft={draft} put={put} faults={faults} />
          <CouponTerms draft={draft} put={put} faults={faults} />
          <Part title={t('coupon.minimum')} text={t('coupon.minimumText')}>
            <AmountRows
              field="minimums"
              label={t('coupon.minimum')}
              rows={draft.minimums}
              faults={faults}
              onChange={(minimums) => put({ minimums })}
            />
          </Part>
        </>
      )}
    </FormPage>
  )
}

export interface CouponPartProps {
  draft: CouponDraft
  put: (change: Partial<CouponDraft>) => void
  faults: Record<string, string>
}

function About({ draft, put, faults, isNew }: CouponPartProps & { isNew: boolean }) {
  const t = useTranslations('catalog')
  return (
    <Part title={t('coupon.about')}>
      <div className={classes.pair}>
        {isNew && (
          <TextInput
            size="sm"
            label={t('columns.code')}
            description={t('coupon.codeHint')}
            value={draft.code}
            error={faults.code}
            maxLength={63}
            autoCapitalize="characters"
            required
            onChange={(event) => put({ code: event.currentTarget.value })}
          />
        )}
        <TextInput
          size="sm"
          label={t('columns.name')}
          description={t('coupon.nameHint')}
          value={draft.name}
          error={faults.name}
          maxLength={120}
          required
          onChange={(event) => put({ name: event.currentTarget.value })}
        />
      </div>
    </Part>
  )
}

function TakesOff({ draft, put, faults }: CouponPartProps) {
  const t = useTranslations('catalog.coupon')
  return (
    <Part title={t('off')}>
      <Choice
        label={t('off')}
        value={draft.kind}
        onChange={(kind) => put({ kind })}
        data={[
          { value: 'percent', label: t('percent') },
          { value: 'amount', label: t('amount') },
        ]}
      />
      {draft.kind === 'percent' ? (
        <AmountField
          label={t('percentOff')}
          currency="%"
          value={draft.percent}
          error={faults.percent_ppm}
          onChange={(percent) => put({ percent })}
          required
        />
      ) : (
        <AmountRows
          field="amounts"
          label={t('amountOff')}
          rows={draft.amounts}
          faults={{ ...faults, amounts: faults.amounts ?? faults.percent_ppm ?? '' }}
          onChange={(amounts) => put({ amounts })}
        />
      )}
      <Checkbox size="sm" label={t('everCharge')} checked={draft.forEver} onChange={(event) => put({ forEver: event.currentTarget.checked })} />
      {!draft.forEver && (
        <NumberField
          label={t('periods')}
          hint={t('periodsHint')}
          value={draft.periods}
          error={faults.periods}
          onChange={(periods) => put({ periods })}
        />
      )}
      <Checkbox size="sm" label={t('setup')} checked={draft.setup} onChange={(event) => put({ setup: event.currentTarget.checked })} />
    </Part>
  )
}

interface AmountRowsProps {
  field: string
  label: string
  rows: AmountRow[]
  faults: Record<string, string>
  onChange: (rows: AmountRow[]) => void
}

/** An amount for each currency: nothing is converted. */
function AmountRows({ field, label, rows, faults, onChange }: AmountRowsProps) {
  const t = useTranslations('catalog.coupon')
  const { currency } = useCompany()
  const put = (at: number, change: Partial<AmountRow>) => onChange(rows.map((row, index) => (index === at ? { ...row, ...change } : row)))
  const next = currencyChoices([currency]).find((each) => !rows.some((row) => row.currency === each)) ?? currency
  return (
    <Stack gap="xs">
      {rows.map((row, at) => (
        <Group key={row.key} gap="xs" align="flex-end" wrap="nowrap">
          <AmountField
            label={label}
            currency={row.currency}
            value={row.typed}
            error={faults[`${field}.${row.currency}`]}
            onChange={(typed) => put(at, { typed })}
          />
          <NativeSelect
            size="sm"
            aria-label={t('currency')}
            value={row.currency}
            data={currencyChoices([currency]).filter((each) => each === row.currency || !rows.some((other) => other.currency === each))}
            onChange={(event) => put(at, { currency: event.currentTarget.value })}
          />
          <CloseButton
            size="lg"
            aria-label={t('removeAmount', { currency: row.currency })}
            onClick={() => onChange(rows.filter((_, index) => index !== at))}
          />
        </Group>
      ))}
      {faults[field] && <span className="np-fault">{faults[field]}</span>}
      <Button size="xs" variant="default" w="max-content" onClick={() => onChange([...rows, newRow(next)])}>
        {t('addAmount')}
      </Button>
    </Stack>
  )
}
