'use client'

import { Button, Card, Group, Text, Title } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconEye, IconRefresh } from '@tabler/icons-react'
import dynamic from 'next/dynamic'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { useNow } from '@/components/clock'
import { CopyText } from '@/components/copy-text'
import { Facts } from '@/components/facts'
import { ProblemAlert } from '@/components/problem-alert'
import { When } from '@/components/when'
import { type License, useReveal } from './queries'
import { standingOf } from './use'

const RotateDialog = dynamic(() => import('./rotate-dialog').then((found) => found.RotateDialog), { ssr: false })

/** The key on request only, and the way to another one. */
export function KeyCard({ license }: { license: License }) {
  const t = useTranslations('licenses.key')
  const [key, setKey] = useState<string | null>(null)
  const [rotating, rotate] = useDisclosure()
  const reveal = useReveal(license.id)
  const gone = standingOf(license, useNow()) === 'cancelled'
  return (
    <Card component="section" aria-labelledby="key">
      <Title order={2} fz={18} mb="sm" id="key">
        {t('title')}
      </Title>
      <Facts
        of={[
          [t('key'), key ? <CopyText key="k" value={key} what={t('title')} /> : <Hint key="h" hint={license.key_hint} />],
          [t('plan'), license.plan_name],
          [t('issued'), <When key="i" at={license.issued_at} />],
          [t('rotated'), license.key_rotated_at && <When key="r" at={license.key_rotated_at} time />],
          [t('validUntil'), <When key="e" at={license.expires_at} relative />],
          [t('id'), <CopyText key="d" value={license.id} shown={`…${license.id.slice(-12)}`} what={t('id')} />],
        ]}
      />
      {reveal.error && <ProblemAlert error={reveal.error} />}
      <Group mt="md" gap="sm">
        {!key && (
          <Button
            variant="default"
            size="sm"
            leftSection={<IconEye size={16} aria-hidden />}
            loading={reveal.isPending}
            onClick={() => reveal.mutate(undefined, { onSuccess: (found) => setKey(found.license_key) })}
          >
            {t('reveal')}
          </Button>
        )}
        {!gone && (
          <Button variant="default" size="sm" leftSection={<IconRefresh size={16} aria-hidden />} onClick={rotate.open}>
            {t('rotate')}
          </Button>
        )}
      </Group>
      <Text size="sm" c="dimmed" mt="md">
        {t('lease')}
      </Text>
      {rotating && <RotateDialog id={license.id} onMade={setKey} onClose={rotate.close} />}
    </Card>
  )
}

function Hint({ hint }: { hint: string }) {
  return <code className="np-code">{hint}</code>
}
