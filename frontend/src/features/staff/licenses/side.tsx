'use client'

import { Button, Card, Title } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { When } from '@/components/when'
import { useName } from '@/features/licenses'
import { ExtendDialog, MoveDialog, ReasonDialog } from '../dialogs'
import { useServers } from '../fleet/queries'
import { SideLink, toCustomer } from '../parts'
import { useMay } from '../queries'
import { useKeyDeeds } from './key-deeds'
import classes from './licenses.module.css'
import type { StaffLicense } from './queries'

export function AboutLicense({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff')
  const server = useServers().data?.find((each) => each.id === license.server_id)
  return (
    <Card component="section" aria-label={t('license.facts')}>
      <Facts
        of={[
          [
            t('columns.customer'),
            <SideLink key="c" href={toCustomer(license.customer.id)}>
              {license.customer.name}
            </SideLink>,
          ],
          [t('columns.plan'), license.plan_name],
          [
            t('columns.key'),
            <code key="k" className="np-code">
              {license.key_hint}
            </code>,
          ],
          [t('license.rotatedAt'), license.key_rotated_at && <When key="r" at={license.key_rotated_at} time />],
          [t('columns.server'), server?.name ?? (license.server_id ? `…${license.server_id.slice(-12)}` : t('license.move.nowhere'))],
          [t('columns.issued'), <When key="i" at={license.issued_at} time />],
          [t('columns.expires'), <When key="e" at={license.expires_at} relative />],
          [t('license.features'), <FeatureList key="f" license={license} />],
          [t('columns.id'), <CopyText key="d" value={license.id} shown={`…${license.id.slice(-12)}`} what={t('columns.id')} />],
        ]}
      />
    </Card>
  )
}

/** What differs from the plan says so. */
function FeatureList({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff.license')
  const name = useName('feature')
  const given = license.features.map((each) => (license.plan_features.includes(each) ? name(each) : t('given', { name: name(each) })))
  const taken = license.plan_features.filter((each) => !license.features.includes(each)).map((each) => t('taken', { name: name(each) }))
  const told = [...given, ...taken]
  return told.length > 0 ? told.map((each) => <div key={each}>{each}</div>) : t('noFeatures')
}

export function LicenseActions({ license }: { license: StaffLicense }) {
  const t = useTranslations('staff.license')
  const [open, setOpen] = useState<'extend' | 'move' | 'rotate' | 'reveal' | null>(null)
  const [manages, reveals] = [useMay('licenses.manage'), useMay('licenses.reveal')]
  const deeds = useKeyDeeds(license.id)
  const close = () => setOpen(null)
  const can = { extend: manages, move: manages, rotate: manages, reveal: reveals }
  const lasting = license.status === 'cancelled' ? (['reveal'] as const) : (['extend', 'move', 'reveal', 'rotate'] as const)
  const shown = lasting.filter((each) => can[each])
  if (shown.length === 0) return null
  const words = { extend: t('extend.submit'), move: t('move.submit'), reveal: t('key.reveal'), rotate: t('key.rotate') }
  return (
    <Card component="section" aria-labelledby="deeds">
      <Title order={2} fz={16} mb="sm" id="deeds">
        {t('actions')}
      </Title>
      <div className={classes.actions}>
        {shown.map((each) => (
          <Button key={each} variant="default" size="sm" onClick={() => setOpen(each)}>
            {words[each]}
          </Button>
        ))}
      </div>
      {open === 'extend' && <ExtendDialog license={license} onClose={close} />}
      {open === 'move' && <MoveDialog license={license} onClose={close} />}
      {(open === 'rotate' || open === 'reveal') && <ReasonDialog deed={deeds[open]} onClose={close} />}
    </Card>
  )
}
