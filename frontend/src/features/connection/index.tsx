'use client'

import { Button } from '@mantine/core'
import { IconCloudOff } from '@tabler/icons-react'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { api, take } from '@/api/client'
import { isReached, onReach } from '@/api/reach'
import classes from './connection.module.css'

const PAUSE = 5000

/** Says calmly that nobody answers, asks again by itself, and brings the page up to date once somebody does. */
export function ConnectionBanner() {
  const reached = useSyncExternalStore(onReach, isReached, () => true)
  return <div aria-live="polite">{!reached && <Away />}</div>
}

function Away() {
  const t = useTranslations('common.away')
  const queries = useQueryClient()
  const [asking, setAsking] = useState(false)
  const ask = useCallback(async () => {
    setAsking(true)
    const back = await take(api.GET('/api/v1/company')).then(
      () => true,
      () => isReached(),
    )
    setAsking(false)
    if (back) await queries.refetchQueries({ type: 'active' })
  }, [queries])
  useEffect(() => {
    const timer = setInterval(ask, PAUSE)
    window.addEventListener('online', ask)
    return () => {
      clearInterval(timer)
      window.removeEventListener('online', ask)
    }
  }, [ask])
  return (
    <div className={classes.away}>
      <IconCloudOff size={18} aria-hidden />
      <span>{t('text')}</span>
      <Button size="compact-sm" variant="default" onClick={ask} loading={asking}>
        {t('again')}
      </Button>
    </div>
  )
}
