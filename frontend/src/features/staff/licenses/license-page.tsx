'use client'

import { Alert, Button, Card, Group, Skeleton, Stack, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { useNow } from '@/components/clock'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { Alerts, StandingBadge, standingOf, UseBars, UseHistory } from '@/features/licenses'
import { LimitsDialog, StatusDialog } from '../dialogs'
import classes from '../orders/orders.module.css'
import { SideLink, toCustomer } from '../parts'
import { useMay } from '../queries'
import { useWords } from '../words'
import { Deeds, Reservations } from './happenings'
import { type StaffLicense, useStaffLicense } from './queries'
import { AboutLicense, LicenseActions } from './side'

export function StaffLicensePage({ id }: { id: string }) {
  const t = useTranslations('staff')
  const found = useStaffLicense(id)
  const license = found.data
  return (
    <>
      <PageHeader
        title={license ? t('license.title', { plan: license.plan_name }) : t('titles.license')}
        back={{ href: '/admin/licenses', label: t('titles.licenses') }}
        badge={license && <StandingBadge license={license} />}
        text={license && <Whose license={license} />}
        action={license && <ChangeStatus license={license} />}
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!license && !found.error && <Skeleton height={320} radius="lg" />}
      {license && (
        <div className={classes.columns}>
          <Stack gap="lg">
            <Standing license={license} />
            <Use license={license} />
            <UseHistory id={id} quotas={license.quotas} />
            <Alerts id={id} />
            <Reservations id={id} />
            <Deeds id={id} />
          </Stack>
          <div className={classes.side}>
            <LicenseActions license={license} />
            <AboutLicense license={license} />
          </div>
        </div>
      )}
    </>
  )
}

function Whose({ license }: { license: StaffLicense }) {
  return (
    <>
      <SideLink href={toCustomer(license.customer.id)}>{license.customer.name}</SideLink> · {license.customer.email} ·{' '}
      <code className="np-code">{license.key_hint}</code>
    </>
  )
}

function ChangeStatus({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff.license.status')
  const [open, setOpen] = useState(false)
  if (!useMay('licenses.manage') || license.status === 'cancelled') return null
  return (
    <>
      <Button size="sm" onClick={() => setOpen(true)}>
        {t('open')}
      </Button>
      {open && <StatusDialog license={license} onClose={() => setOpen(false)} />}
    </>
  )
}

/** Where it does not hold: since what, and what panels are told. */
function Standing({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff.license.standing')
  const words = useWords('reason')
  const format = useFormatter()
  const standing = standingOf(license, useNow())
  if (standing === 'active') return null
  const date = license.expires_at ? format.dateTime(new Date(license.expires_at), { dateStyle: 'medium' }) : ''
  const reasons = license.suspension_reasons.map((reason) => words(reason)).join(', ')
  return <Alert color={standing === 'cancelled' ? 'gray' : 'red'}>{t(standing, { reasons, date })}</Alert>
}

function Use({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff.license.limits')
  const [open, setOpen] = useState(false)
  const may = useMay('licenses.manage') && license.status !== 'cancelled'
  return (
    <Card component="section" aria-labelledby="use">
      <Group justify="space-between" mb="md">
        <Title order={2} fz={18} id="use">
          {t('heading')}
        </Title>
        {may && (
          <Button variant="default" size="xs" onClick={() => setOpen(true)}>
            {t('open')}
          </Button>
        )}
      </Group>
      <UseBars quotas={license.quotas} />
      {open && <LimitsDialog license={license} onClose={() => setOpen(false)} />}
    </Card>
  )
}
