'use client'

import { Button, Skeleton, Stack } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlus, IconServer } from '@tabler/icons-react'
import { useTranslations } from 'next-intl'
import { EmptyState } from '@/components/empty-state'
import { PageHeader } from '@/components/page-header'
import { Trouble } from '@/components/trouble'
import { AddServer } from '../dialogs'
import { useMay } from '../queries'
import { useServers } from './queries'
import { ServerCard } from './server-card'

export function ServersPage() {
  const t = useTranslations('staff')
  const found = useServers()
  const may = useMay('servers.manage')
  const [adding, { open, close }] = useDisclosure()
  return (
    <>
      <PageHeader
        title={t('titles.servers')}
        action={
          may && (
            <Button size="sm" leftSection={<IconPlus size={16} aria-hidden />} onClick={open}>
              {t('servers.add')}
            </Button>
          )
        }
      />
      {found.error && <Trouble error={found.error} retry={() => found.refetch()} />}
      {!found.data && !found.error && <Skeleton height={240} radius="lg" />}
      {found.data?.length === 0 && <EmptyState icon={<IconServer />} title={t('servers.empty')} text={t('servers.emptyText')} />}
      <Stack gap="md">
        {found.data?.map((server) => (
          <ServerCard key={server.id} server={server} />
        ))}
      </Stack>
      {adding && <AddServer opened onClose={close} />}
    </>
  )
}
