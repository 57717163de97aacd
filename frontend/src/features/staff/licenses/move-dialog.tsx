'use client'

import { NativeSelect } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { Problem } from '@/api/client'
import { type Server, useServers } from '../fleet/queries'
import { type Deed, ReasonDialog } from '../reason-dialog'
import { useStateWord } from '../state-badge'
import { moveTo, type StaffLicense } from './queries'

export function MoveDialog({ license, onClose }: { license: StaffLicense; onClose: () => void }) {
  const t = useTranslations('staff.license.move')
  const kept = useTranslations('staff.license')
  const word = useStateWord()
  const servers = useServers().data ?? []
  const [chosen, choose] = useState('')
  const others = servers.filter((server) => server.id !== license.server_id)
  const label = (server: Server) => {
    const room = t('room', { free: Math.max(0, server.capacity - server.used) })
    return `${server.name} · ${server.status === 'active' ? room : word(server.status)}`
  }
  const here = servers.find((server) => server.id === license.server_id)?.name ?? t('nowhere')
  const deed: Deed = {
    hint: kept('kept'),
    title: t('title'),
    text: t('text', { here }),
    submit: t('submit'),
    done: t('done'),
    names: ['server_id'],
    run: (reason) => {
      if (!chosen) throw new Problem(422, 'invalid', '', [{ field: 'server_id', message: t('missing') }])
      return moveTo(license.id, chosen, reason)
    },
    fields: (faults) => (
      <NativeSelect
        size="sm"
        data-autofocus
        required
        label={t('to')}
        value={chosen}
        error={faults.server_id}
        onChange={(event) => choose(event.currentTarget.value)}
        data={[{ value: '', label: others.length > 0 ? t('choose') : t('none') }, ...others.map((each) => ({ value: each.id, label: label(each) }))]}
      />
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
