'use client'

import { Button, Group, Modal, Stack, Text, Textarea } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { useTranslations } from 'next-intl'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useOnce } from '@/api/once'
import { focusFirstFault, sortFaults } from '@/components/form/faults'
import { FormProblem } from '@/components/problem-alert'

/** Something that staff does and gives a reason for. */
export interface Deed {
  title: string
  /** What will happen. */
  text: ReactNode
  submit: string
  done: string
  danger?: boolean
  /** `key` is the same for every press in one dialog: a double click does it once. */
  run: (reason: string, key: string) => Promise<unknown>
  /** Above the reason, where more than a reason is asked for; `names`: by the API's names. */
  fields?: (faults: Record<string, string>) => ReactNode
  names?: readonly string[]
  /** How the API calls the words that are kept. */
  reasonName?: string
  /** What becomes of the words, where none of them is ever printed on a document. */
  hint?: string
  size?: string
  /** Where nothing but a yes is asked for. */
  plain?: boolean
  /** What came of it, where it is to be read before the dialog closes. */
  result?: (answer: unknown) => ReactNode
}

interface ReasonDialogProps {
  deed: Deed
  onClose: () => void
}

const LONGEST = 500

export function ReasonDialog({ deed, onClose }: ReasonDialogProps) {
  const t = useTranslations('staff.deed')
  const [result, setResult] = useState<ReactNode>(null)
  return (
    // What is shown once must not vanish by a click beside it.
    <Modal
      opened
      onClose={onClose}
      title={deed.title}
      size={deed.size}
      centered
      closeOnClickOutside={!result}
      closeButtonProps={{ 'aria-label': t('close') }}
    >
      {result ? (
        <Stack>
          {result}
          <Group justify="flex-end">
            <Button size="sm" onClick={onClose} data-autofocus>
              {t('close')}
            </Button>
          </Group>
        </Stack>
      ) : (
        <ReasonForm deed={deed} onClose={onClose} onResult={setResult} />
      )}
    </Modal>
  )
}

function ReasonForm({ deed, onClose, onResult }: ReasonDialogProps & { onResult: (result: ReactNode) => void }) {
  const t = useTranslations('staff.deed')
  const [reason, setReason] = useState('')
  const [key] = useState(() => crypto.randomUUID())
  const queries = useQueryClient()
  const named = deed.reasonName ?? 'reason'
  const sent = useOnce<unknown>({
    mutationFn: () => deed.run(reason.trim(), key),
    onError: focusFirstFault,
    onSuccess: (answer) => {
      notifications.show({ message: deed.done, color: 'green' })
      void queries.invalidateQueries({ queryKey: ['staff'] })
      if (deed.result) onResult(deed.result(answer))
      else onClose()
    },
  })
  const faults = sortFaults(sent.error, [named, ...(deed.names ?? [])])
  const send = (event: FormEvent) => {
    event.preventDefault()
    sent.send()
  }
  return (
    <form onSubmit={send} noValidate>
      <Stack gap="md">
        <Text size="sm" component="div">
          {deed.text}
        </Text>
        {deed.fields?.(faults.fields)}
        {!deed.plain && (
          <Textarea
            data-autofocus={deed.fields ? undefined : true}
            label={t('reason')}
            description={deed.hint ?? t('reasonHint')}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={faults.fields[named]}
            maxLength={LONGEST}
            autosize
            minRows={2}
            required
          />
        )}
        <FormProblem error={sent.error} faults={faults} />
        <Group justify="flex-end">
          <Button variant="default" size="sm" onClick={onClose}>
            {t('back')}
          </Button>
          <Button type="submit" size="sm" color={deed.danger ? 'red.8' : undefined} loading={sent.isPending}>
            {deed.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
