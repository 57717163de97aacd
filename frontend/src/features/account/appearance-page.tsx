'use client'

import { Card, Radio, Stack, useMantineColorScheme } from '@mantine/core'
import { useMounted } from '@mantine/hooks'
import { useMutation } from '@tanstack/react-query'
import { useLocale, useTranslations } from 'next-intl'
import { api, take } from '@/api/client'
import { PageHeader } from '@/components/page-header'
import { ProblemAlert } from '@/components/problem-alert'
import { LANGUAGE_NAMES, useSetLocale } from '@/components/shell/switches'
import { LOCALES, type Locale } from '@/i18n/config'

export function AppearancePage() {
  const t = useTranslations('account.appearance')
  const locale = useLocale()
  const setLocale = useSetLocale()
  const { colorScheme, setColorScheme } = useMantineColorScheme()
  const mounted = useMounted()
  // Mails follow the profile, so that it learns of the choice too.
  const save = useMutation({ mutationFn: (chosen: Locale) => take(api.PATCH('/api/v1/customers/me', { body: { locale: chosen } })) })
  const choose = (chosen: Locale) => {
    setLocale(chosen)
    save.mutate(chosen)
  }
  return (
    <>
      <PageHeader title={t('title')} />
      <Stack maw={640}>
        {save.error && <ProblemAlert error={save.error} />}
        <Card>
          <Radio.Group label={t('language')} description={t('languageText')} value={locale} onChange={(value) => choose(value as Locale)}>
            <Stack mt="sm" gap="sm">
              {LOCALES.map((each) => (
                <Radio key={each} value={each} label={LANGUAGE_NAMES[each]} lang={each} />
              ))}
            </Stack>
          </Radio.Group>
        </Card>
        <Card>
          <Radio.Group
            label={t('theme')}
            value={mounted ? colorScheme : 'auto'}
            onChange={(value) => setColorScheme(value as 'auto' | 'light' | 'dark')}
          >
            <Stack mt="sm" gap="sm">
              <Radio value="auto" label={t('auto')} />
              <Radio value="light" label={t('light')} />
              <Radio value="dark" label={t('dark')} />
            </Stack>
          </Radio.Group>
        </Card>
      </Stack>
    </>
  )
}
