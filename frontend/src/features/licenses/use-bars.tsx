'use client'

import { Badge, Progress, Text } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import classes from './licenses.module.css'
import type { Quota } from './queries'
import { type Fullness, fullnessOf, percentOf } from './use'
import { useName } from './words'

/** Nobody has to act. */
const CALM: readonly Fullness[] = ['unlimited', 'free', 'taken']
const COLORS: Record<Fullness, string> = { unlimited: 'brand', free: 'brand', taken: 'brand', filling: 'orange', full: 'red', over: 'red' }

/** Each resource: how much of it is used, held and left, by bar, word and figure. */
export function UseBars({ quotas }: { quotas: readonly Quota[] }) {
  const t = useTranslations('licenses.use')
  if (quotas.length === 0) return <Text c="dimmed">{t('none')}</Text>
  return (
    <div className={classes.bars}>
      {quotas.map((quota) => (
        <UseBar key={quota.resource} quota={quota} />
      ))}
    </div>
  )
}

function UseBar({ quota }: { quota: Quota }) {
  const t = useTranslations('licenses.use')
  const name = useName('resource')(quota.resource)
  const told = useTold()
  return (
    <div className={classes.bar}>
      <div className={classes.line}>
        <span className={classes.name}>
          {name}
          <FullnessBadge quota={quota} />
        </span>
        <span className="np-number">
          {quota.limit === null ? t('unlimited', { used: quota.used }) : t('of', { used: quota.used, limit: quota.limit })}
        </span>
      </div>
      {quota.limit !== null && <Bar quota={quota} label={name} />}
      {told(quota) && <div className={classes.told}>{told(quota)}</div>}
      {quota.overridden && <div className={classes.told}>{t('overridden')}</div>}
    </div>
  )
}

/** Held ones stand striped behind the used ones, and say so. */
function Bar({ quota, label, size = 'lg' }: { quota: Quota; label: string; size?: string }) {
  const t = useTranslations('licenses.use')
  const format = useFormatter()
  const part = (count: number) => (quota.limit ? Math.min(100, (count / quota.limit) * 100) : count > 0 ? 100 : 0)
  const used = part(quota.used)
  const color = COLORS[fullnessOf(quota)]
  const words = `${t('of', { used: quota.used, limit: quota.limit ?? 0 })} (${format.number((percentOf(quota) ?? 0) / 100, { style: 'percent' })})`
  return (
    <Progress.Root size={size} radius="sm">
      <Progress.Section value={used} color={`${color}.7`} {...spoken(label, used, words)} />
      {quota.reserved > 0 && (
        <Progress.Section
          value={Math.min(100 - used, part(quota.reserved))}
          color={`${color}.4`}
          className={classes.held}
          {...spoken(`${label}: ${t('held')}`, part(quota.reserved), t('reserved', { reserved: quota.reserved }))}
        />
      )}
    </Progress.Root>
  )
}

/** The figures in words; by itself a section would tell its own percentage alone. */
function spoken(label: string, percent: number, words: string) {
  return {
    withAria: false,
    role: 'progressbar',
    'aria-label': label,
    'aria-valuemin': 0,
    'aria-valuemax': 100,
    'aria-valuenow': Math.round(percent),
    'aria-valuetext': words,
  }
}

/** Only where somebody may have to act. */
function FullnessBadge({ quota, size }: { quota: Quota; size?: string }) {
  const t = useTranslations('licenses.use.word')
  const fullness = fullnessOf(quota)
  if (CALM.includes(fullness) || (quota.limit === 0 && quota.used === 0)) return null

  return (
    <Badge variant="light" size={size} color={COLORS[fullness]} radius="sm" tt="none" fw={600}>
      {t(fullness)}
    </Badge>
  )
}

function useTold(): (quota: Quota) => string {
  const t = useTranslations('licenses.use')
  return (quota) => {
    const { limit, used, reserved } = quota
    const parts: string[] = []
    const fullness = fullnessOf(quota)
    if (limit === 0 && used === 0) parts.push(t('excluded'))
    else if (limit !== null && fullness === 'over') parts.push(t('over', { over: used - limit }))
    else if (fullness === 'full' || fullness === 'taken') parts.push(t(fullness))
    else if (limit !== null) parts.push(t(fullness === 'filling' ? 'filling' : 'free', { left: limit - used - reserved }))
    if (reserved > 0) parts.push(t('reserved', { reserved }))
    return parts.join(' · ')
  }
}

/** In a row of a list: the one that will be full first. */
export function SmallUse({ quota }: { quota: Quota }) {
  const t = useTranslations('licenses.use')
  const format = useFormatter()
  const name = useName('resource')(quota.resource)
  if (quota.used + quota.reserved === 0) return <span className="np-aside">{t('unused')}</span>
  return (
    <span className={classes.small}>
      <span>
        <span className="np-aside">
          {name}{' '}
          <span className="np-number">
            {format.number(quota.used)} / {format.number(quota.limit ?? 0)}
          </span>
        </span>
        <FullnessBadge quota={quota} size="xs" />
      </span>
      <Bar quota={quota} label={name} size="sm" />
    </span>
  )
}
