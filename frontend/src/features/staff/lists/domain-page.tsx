'use client'

import { Card, Skeleton, Stack, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { api, type Schemas, take } from '@/api/client'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { SideLink, toCustomer } from '../parts'
import { StateBadge } from '../state-badge'
import { useWords } from '../words'
import { DomainRenewal } from './domain-renewal'

type Domain = Schemas['StaffDomainBody']

export function StaffDomainPage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const found = useQuery<Domain>({
    queryKey: ['staff', 'domain', id],
    queryFn: () => take(api.GET('/api/v1/admin/domains/{domain_id}', { params: { path: { domain_id: id } } })),
  })
  const domain = found.data
  return (
    <>
      <PageHeader
        title={domain?.unicode ?? t('columns.domain')}
        badge={domain && <StateBadge state={domain.status} />}
        back={{ href: '/admin/domains', label: t('titles.domains') }}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!domain && !found.error && <Skeleton height={320} radius="lg" />}
      {domain && (
        <Stack gap="md" maw={760}>
          <About domain={domain} />
          <Faults faults={domain.faults} />
          {domain.registered_at && <DomainRenewal id={id} />}
        </Stack>
      )}
    </>
  )
}

function About({ domain }: { domain: Domain }) {
  const t = useTranslations('staff')
  const cause = useWords('reason')
  return (
    <Card component="section" aria-label={t('domains.facts')}>
      <Facts
        of={[
          [t('columns.domain'), <CopyText key="n" value={domain.name} what={t('columns.domain')} />],
          [
            t('columns.customer'),
            <SideLink key="c" href={toCustomer(domain.customer_id)}>
              {t('orders.openCustomer')}
            </SideLink>,
          ],
          [t('columns.reason'), cause(domain.reason)],
          [t('columns.years'), domain.years],
          [t('columns.requested'), <When key="r" at={domain.requested_at} time />],
          [t('columns.registered'), domain.registered_at && <When key="g" at={domain.registered_at} time />],
          [t('columns.expires'), domain.expires_on && <When key="e" at={domain.expires_on} relative />],
          [t('columns.nameservers'), domain.nameservers.map((name) => <div key={name}>{name}</div>)],
          [t('columns.id'), <CopyText key="i" value={domain.id} shown={`…${domain.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}

/** What the registry said is wrong with the registrant's data, by field. */
function Faults({ faults }: { faults: Domain['faults'] }) {
  const t = useTranslations('staff')
  const found = Object.entries(faults)
  if (found.length === 0) return null
  return (
    <Card component="section" aria-labelledby="faults">
      <Title order={2} fz={16} mb="xs" id="faults">
        {t('domains.faults')}
      </Title>
      <Facts of={found} />
    </Card>
  )
}
