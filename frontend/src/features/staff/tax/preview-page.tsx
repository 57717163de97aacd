'use client'

import { Button, Card, NativeSelect, SimpleGrid, Stack, Switch, TextInput, Title } from '@mantine/core'
import { useLocale, useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import { Problem, type Schemas } from '@/api/client'
import { useOnce } from '@/api/once'
import { Facts } from '@/components/facts'
import { CountrySelect } from '@/components/form/country-select'
import { useFaults } from '@/components/form/faults'
import { Money } from '@/components/money'
import { FormProblem } from '@/components/problem-alert'
import { useCompany } from '@/features/company'
import { countryName } from '@/lib/address'
import { parseMoney } from '../amounts'
import { usePercent } from '../invoices/rates'
import { SideLink } from '../parts'
import { type Previewed, preview } from './queries'
import { TaxFrame } from './tax-frame'

const CLASSES = ['hosting', 'domain', 'service'] as const
const NAMES = ['country', 'state', 'postal_code', 'tax_id', 'on', 'price', 'amount', 'product_class', 'lines']

/** What a sale would bear, and why, without making it. */
export function PreviewPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.preview')
  const company = useCompany()
  const [country, setCountry] = useState(company.country)
  const [business, setBusiness] = useState(false)
  const [values, setValues] = useState({ state: '', postal_code: '', tax_id: '', on: '', price: '100', product_class: 'hosting' })
  const [found, setFound] = useState<Previewed | null>(null)
  const field = (name: keyof typeof values) => ({
    size: 'sm' as const,
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => {
      const { value } = event.currentTarget
      setValues((before) => ({ ...before, [name]: value }))
    },
  })
  const sale = (): Schemas['PreviewRequest'] => {
    const price = parseMoney(values.price, company.currency)
    if (!price) throw new Problem(422, 'invalid', '', [{ field: 'price', message: words('noAmount') }])
    return {
      country,
      state: values.state.trim() || null,
      postal_code: values.postal_code.trim() || null,
      tax_id: values.tax_id.trim() || null,
      on: values.on || null,
      status: business ? 'business' : 'consumer',
      lines: [{ price, product_class: values.product_class }],
    }
  }
  const asked = useOnce<Previewed>({ mutationFn: async () => preview(sale()), onSuccess: setFound })
  const faults = useFaults(asked.error, NAMES)
  const send = (event: FormEvent) => {
    event.preventDefault()
    asked.send()
  }
  return (
    <TaxFrame title={t('taxPreview')} text={words('text')}>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md" style={{ alignItems: 'start' }}>
        <Card>
          <form ref={faults.form} onSubmit={send} noValidate>
            <Stack gap="sm">
              <FormProblem error={asked.error} faults={faults} />
              <CountrySelect
                size="sm"
                label={words('country')}
                value={country}
                onChange={(code) => setCountry(code ?? '')}
                error={faults.fields.country}
              />
              <SimpleGrid cols={2} spacing="sm">
                <TextInput {...field('state')} label={words('state')} error={faults.fields.state} />
                <TextInput {...field('postal_code')} label={words('postalCode')} error={faults.fields.postal_code} />
              </SimpleGrid>
              <Switch label={words('business')} checked={business} onChange={(event) => setBusiness(event.currentTarget.checked)} />
              {business && <TextInput {...field('tax_id')} label={words('taxId')} description={words('taxIdHint')} error={faults.fields.tax_id} />}
              <SimpleGrid cols={2} spacing="sm">
                <TextInput
                  {...field('price')}
                  label={words('price', { currency: company.currency })}
                  inputMode="decimal"
                  error={faults.fields.price ?? faults.fields.amount}
                  required
                />
                <NativeSelect
                  {...field('product_class')}
                  label={words('class')}
                  error={faults.fields.product_class}
                  data={CLASSES.map((value) => ({ value, label: words(`class_${value}`) }))}
                />
              </SimpleGrid>
              <TextInput {...field('on')} type="date" label={words('on')} error={faults.fields.on} />
              <Button type="submit" size="sm" loading={asked.isPending} style={{ alignSelf: 'flex-start' }}>
                {words('submit')}
              </Button>
            </Stack>
          </form>
        </Card>
        {found?.lines.map((line) => (
          <Answer key={line.reason + line.net.amount} line={line} />
        ))}
      </SimpleGrid>
    </TaxFrame>
  )
}

function Answer({ line }: { line: Previewed['lines'][number] }) {
  const words = useTranslations('desk.preview')
  const t = useTranslations('desk.explain')
  const locale = useLocale()
  const percent = usePercent()
  const known = (area: string, key: string) => (t.has(`${area}_${key}`) ? t(`${area}_${key}`) : key)
  return (
    <Card component="section" aria-labelledby="answer" role="status">
      <Title order={2} fz={18} mb="sm" id="answer">
        {line.words[locale] ?? line.words.en}
      </Title>
      <Facts
        of={[
          [t('net'), <Money key="n" value={line.net} />],
          [t('rate'), percent(line.rate_ppm)],
          [t('taxAmount'), <Money key="t" value={line.tax} />],
          [words('gross'), <Money key="g" value={{ ...line.net, amount: line.net.amount + line.tax.amount }} />],
          [t('why'), known('why', line.reason)],
          [t('scheme'), known('scheme', line.scheme)],
          [t('category'), `${line.category} · ${known('category', line.category)}`],
          [t('place'), line.place && countryName(line.place, locale)],
          [t('exemption'), line.exemption_code],
          [
            t('rule'),
            line.rule_id && line.place && (
              <SideLink key="r" href={`/admin/tax/rules?country=${line.place}`}>
                {words('toRules')}
              </SideLink>
            ),
          ],
          [t('ruleVersion'), line.rule_version],
        ]}
      />
    </Card>
  )
}
