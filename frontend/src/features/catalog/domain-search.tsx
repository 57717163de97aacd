'use client'

import { Badge, Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useSearchParams } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { useEffect, useState } from 'react'
import type { Schemas } from '@/api/client'
import Link from '@/components/link'
import { Money } from '@/components/money'
import { ProblemAlert } from '@/components/problem-alert'
import { nameIn, useCart } from '@/features/cart'
import classes from './catalog.module.css'
import { SearchInput } from './domain-box'
import { namesFor, useDomainCheck, useTlds } from './queries'

export function DomainSearch() {
  const t = useTranslations('marketing.search')
  const params = useSearchParams()
  const [text, setText] = useState(params.get('q') ?? '')
  const { data: tlds } = useTlds()
  const endings = (tlds ?? []).map((each) => each.tld)
  const names = namesFor(text, endings)
  const check = useDomainCheck(names)
  useEffect(() => {
    window.history.replaceState(null, '', text ? `?q=${encodeURIComponent(text)}` : window.location.pathname)
  }, [text])
  return (
    <Stack>
      <SearchInput name="q" value={text} onChange={setText} busy={check.isFetching} />
      <div aria-live="polite" className="np-unseen">
        {check.data && names.length > 0 ? t('found', { count: check.data.filter((each) => each.status === 'available').length }) : ''}
      </div>
      {check.error && <ProblemAlert error={check.error} retry={() => check.refetch()} />}
      {names.length > 0 && !check.error && <Results rows={check.data} />}
    </Stack>
  )
}

function Results({ rows }: { rows: Schemas['CheckedBody'][] | undefined }) {
  if (!rows) return <Skeleton height={320} radius="lg" />
  return (
    <Card padding={0} component="ul" className={classes.results}>
      {rows.map((row) => (
        <Result key={row.name} row={row} />
      ))}
    </Card>
  )
}

function Result({ row }: { row: Schemas['CheckedBody'] }) {
  const t = useTranslations('marketing.search')
  const { items, addDomain } = useCart()
  const free = row.status === 'available' && row.price
  const inCart = items.some((item) => nameIn(item) === row.unicode)
  return (
    <li className={classes.result}>
      <Text fw={600} className="np-break" c={free ? undefined : 'dimmed'}>
        {row.unicode}
      </Text>
      <Group gap="md" wrap="nowrap">
        {free && row.price ? (
          <Text className="np-number">
            <Money value={row.price} />
            <span className="np-aside">{t('perYear')}</span>
          </Text>
        ) : (
          <Badge variant="light" color={row.status === 'unknown' ? 'orange' : 'gray'} tt="none" radius="sm">
            {t(`status.${row.status}`)}
          </Badge>
        )}
        {free && !inCart && (
          <Button size="sm" variant="light" onClick={() => addDomain(row.unicode)} aria-label={t('addName', { name: row.unicode })}>
            {t('add')}
          </Button>
        )}
        {free && inCart && (
          <Button size="sm" component={Link} href="/cart">
            {t('inCart')}
          </Button>
        )}
      </Group>
    </li>
  )
}
