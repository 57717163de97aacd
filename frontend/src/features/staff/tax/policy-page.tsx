'use client'

import { Button, Card, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { useState } from 'react'
import { EmptyState } from '@/components/empty-state'
import { Trouble } from '@/components/trouble'
import { When } from '@/components/when'
import { PolicyDialog } from '../dialogs'
import { useMay } from '../queries'
import { PolicyFacts } from './policy-facts'
import { usePolicies } from './queries'
import { TaxFrame } from './tax-frame'

/** Every version of the policy, the newest first. What a version decided stays as it is. */
export function PolicyPage() {
  const t = useTranslations('staff.titles')
  const words = useTranslations('desk.policy')
  const found = usePolicies()
  const may = useMay('tax.manage')
  const [open, setOpen] = useState(false)
  const change = found.data && may && (
    <Button size="sm" onClick={() => setOpen(true)}>
      {words('change')}
    </Button>
  )
  return (
    <TaxFrame title={t('taxPolicy')} text={words('text')} action={change}>
      {found.error && <Trouble error={found.error} retry={() => void found.refetch()} />}
      {!found.data && !found.error && <Skeleton height={320} radius="lg" />}
      {found.data?.length === 0 && <EmptyState title={words('empty')} text={words('emptyText')} />}
      <Stack gap="md">
        {found.data?.map((policy, at) => (
          <Card key={policy.id} component="section" aria-label={words('versionOf', { version: policy.version })}>
            {at === 0 ? (
              <PolicyFacts policy={policy} />
            ) : (
              <details>
                <summary>
                  <Group component="span" gap="xs" display="inline-flex">
                    <Text span fw={600}>
                      {words('versionOf', { version: policy.version })}
                    </Text>
                    <Text span c="dimmed">
                      {words('from')} <When at={policy.effective_on} />
                    </Text>
                  </Group>
                </summary>
                <PolicyFacts policy={policy} />
              </details>
            )}
          </Card>
        ))}
      </Stack>
      {open && <PolicyDialog policy={found.data?.[0]} onClose={() => setOpen(false)} />}
    </TaxFrame>
  )
}
