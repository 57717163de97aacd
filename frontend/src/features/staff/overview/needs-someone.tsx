'use client'

import { IconAlertTriangle, IconCheck, IconLoader } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import Link from '@/components/link'
import { type Overview, useInvariants, useMay } from '../queries'
import classes from './overview.module.css'

/** What needs someone comes first, and says so when nothing does. */
export function NeedsSomeone({ overview }: { overview: Overview }) {
  const t = useTranslations('staff.overview')
  return (
    <section aria-label={t('needs')} className={classes.needs} aria-live="polite">
      <Need href="/admin/work" count={overview.parked}>
        {t('parked', { count: overview.parked })}
      </Need>
      <Need href="/admin/work" count={overview.failed_jobs}>
        {t('failed', { count: overview.failed_jobs })}
      </Need>
      <Need href="/admin/servers" count={overview.fleet.free > 0 ? 0 : 1}>
        {t('room', { free: overview.fleet.free })}
      </Need>
      <Rules />
    </section>
  )
}

function Rules() {
  const t = useTranslations('staff.overview')
  const may = useMay('invariants.read')
  const { data } = useInvariants(may)
  if (!may) return null
  const broken = data?.invariants.filter((rule) => rule.violations.length > 0).length
  return (
    <Need href="/admin/invariants" count={broken}>
      {broken === undefined ? t('checking') : t('broken', { count: broken })}
    </Need>
  )
}

/** `count` undefined: not known yet. */
function Need({ href, count, children }: { href: string; count: number | undefined; children: ReactNode }) {
  const Icon = count === undefined ? IconLoader : count > 0 ? IconAlertTriangle : IconCheck
  return (
    <Link href={href} className={classes.need} data-state={count === undefined ? undefined : count > 0 ? 'needs' : 'fine'}>
      <Icon size={18} aria-hidden />
      <span>{children}</span>
    </Link>
  )
}
