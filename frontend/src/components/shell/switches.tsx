'use client'

import { ActionIcon, Menu, UnstyledButton, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
import { IconLanguage, IconMoon, IconSun } from '@tabler/icons-react'
import { useRouter } from 'next/navigation'
import { useLocale, useTranslations } from 'next-intl'
import { LOCALE_COOKIE, LOCALES, type Locale } from '@/i18n/config'

export const LANGUAGE_NAMES: Record<Locale, string> = { en: 'English', de: 'Deutsch' }

export function useSetLocale(): (locale: Locale) => void {
  const router = useRouter()
  return (locale) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the cookie store API is not in every browser that we serve
    document.cookie = `${LOCALE_COOKIE}=${locale}; path=/; max-age=31536000; samesite=lax`
    router.refresh()
  }
}

export function ThemeToggle() {
  const t = useTranslations('common')
  const { setColorScheme } = useMantineColorScheme()
  const dark = useComputedColorScheme('light', { getInitialValueInEffect: true }) === 'dark'
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={dark ? t('toLight') : t('toDark')}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? <IconSun size={20} /> : <IconMoon size={20} />}
    </ActionIcon>
  )
}

export function LanguageMenu() {
  const t = useTranslations('common')
  const locale = useLocale()
  const setLocale = useSetLocale()
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <UnstyledButton className="np-language" aria-label={t('languageNow', { language: LANGUAGE_NAMES[locale as Locale] })}>
          <IconLanguage size={20} aria-hidden />
          <span>{locale.toUpperCase()}</span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        {LOCALES.map((each) => (
          <Menu.Item key={each} lang={each} onClick={() => setLocale(each)} aria-current={each === locale}>
            {LANGUAGE_NAMES[each]}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
