'use client'

import { Button, Loader, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import { type FormEvent, useState } from 'react'
import classes from './catalog.module.css'

/** The box of the landing page; the results have a page of their own. */
export function DomainBox() {
  const t = useTranslations('marketing.search')
  const router = useRouter()
  const [text, setText] = useState('')
  const send = (event: FormEvent) => {
    event.preventDefault()
    router.push(`/domains?q=${encodeURIComponent(text.trim())}`)
  }
  return (
    <form onSubmit={send} className={classes.box} action="/domains">
      <SearchInput name="q" value={text} onChange={setText} />
      <Button type="submit" size="lg">
        {t('submit')}
      </Button>
    </form>
  )
}

export function SearchInput({ value, onChange, name, busy }: { value: string; onChange: (text: string) => void; name: string; busy?: boolean }) {
  const t = useTranslations('marketing.search')
  return (
    <TextInput
      name={name}
      size="lg"
      aria-label={t('label')}
      placeholder={t('placeholder')}
      leftSection={<IconSearch size={20} aria-hidden />}
      rightSection={busy ? <Loader size="xs" /> : null}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      autoCapitalize="none"
      spellCheck={false}
      flex={1}
    />
  )
}
