'use client'

import { Alert } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import type { Deed } from '../reason-dialog'
import { revealKey, rotateKey } from './queries'

/** The key is seen, or another takes its place: each with a reason, and the key is read before the dialog closes. */
export function useKeyDeeds(id: string): { reveal: Deed; rotate: Deed } {
  const t = useTranslations('staff.license.key')
  const hint = useTranslations('staff.license')('kept')
  const shown = (answer: unknown, note: string) => {
    const { license_key: key } = answer as { license_key: string }
    return (
      <>
        <Alert color="orange" role="status">
          {note}
        </Alert>
        <Facts of={[[t('key'), <CopyText key="k" value={key} what={t('key')} />]]} />
      </>
    )
  }
  return {
    reveal: {
      title: t('revealTitle'),
      text: t('revealText'),
      submit: t('reveal'),
      hint,
      done: t('revealed'),
      run: (reason) => revealKey(id, reason),
      result: (answer) => shown(answer, t('revealNote')),
    },
    rotate: {
      title: t('rotateTitle'),
      text: t('rotateText'),
      submit: t('rotate'),
      hint,
      done: t('rotated'),
      danger: true,
      run: (reason) => rotateKey(id, reason),
      result: (answer) => shown(answer, t('rotateNote')),
    },
  }
}
