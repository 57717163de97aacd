'use client'

import { ActionIcon, useComputedColorScheme, useMantineColorScheme } from '@mantine/core'
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

/** The browser's own list: it stands in the head of every page, and costs none of them a script. */
export function LanguageMenu() {
  const t = useTranslations('common')
  const locale = useLocale()
  const setLocale = useSetLocale()
  return (
    <span className="np-language">
      <IconLanguage size={20} aria-hidden />
      <select aria-label={t('language')} value={locale} onChange={(event) => setLocale(event.currentTarget.value as Locale)}>
        {LOCALES.map((each) => (
          <option key={each} value={each} lang={each}>
            {LANGUAGE_NAMES[each]}
          </option>
        ))}
      </select>
    </span>
  )
}
