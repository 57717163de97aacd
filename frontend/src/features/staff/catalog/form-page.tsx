'use client'

import { Button, Card, Group, Stack, TextInput } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useOnce } from '@/api/once'
import { useFaults } from '@/components/form/faults'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'
import { FormProblem } from '@/components/problem-alert'
import classes from './catalog.module.css'

interface FormPageProps {
  title: string
  text?: string
  back: { href: string; label: string }
  submit: string
  done: string
  /** The form's fields, by the API's names. */
  names: readonly string[]
  /** Sends it; answers with the address to go to. */
  save: (reason: string | undefined) => Promise<string>
  children: (faults: Record<string, string>) => ReactNode
}

/** Something of the catalog, made or changed on a page of its own: fields, why, and what the API has against it at the fields. */
export function FormPage({ title, text, back, submit, done, names, save, children }: FormPageProps) {
  const t = useTranslations('catalog.fields')
  const [reason, setReason] = useState('')
  const router = useRouter()
  const queries = useQueryClient()
  const sent = useOnce<string>({
    mutationFn: () => save(reason.trim() || undefined),
    onSuccess: (href) => {
      notifications.show({ message: done, color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
      router.push(href)
    },
  })
  const faults = useFaults(sent.error, [...names, 'reason'])
  const send = (event: FormEvent) => {
    event.preventDefault()
    sent.send()
  }
  return (
    <div className={classes.form}>
      <PageHeader title={title} text={text} back={back} />
      <Card>
        <form ref={faults.form} onSubmit={send} noValidate>
          <Stack gap="lg">
            {children(faults.fields)}
            <TextInput
              size="sm"
              label={t('reason')}
              description={t('reasonHint')}
              value={reason}
              maxLength={500}
              error={faults.fields.reason}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
            <FormProblem error={sent.error} faults={faults} />
            <Group>
              <Button type="submit" size="sm" loading={sent.isPending}>
                {submit}
              </Button>
              <Button component={Link} href={back.href} size="sm" variant="default">
                {t('back')}
              </Button>
            </Group>
          </Stack>
        </form>
      </Card>
    </div>
  )
}
