'use client'

import { type AbstractIntlMessages, NextIntlClientProvider, useLocale, useMessages } from 'next-intl'
import type { ReactNode } from 'react'

/** Adds the words of an area to those that are there. */
export function MoreWords({ words, children }: { words: Record<string, unknown>; children: ReactNode }) {
  const messages = { ...useMessages(), ...words } as AbstractIntlMessages
  return (
    <NextIntlClientProvider locale={useLocale()} messages={messages}>
      {children}
    </NextIntlClientProvider>
  )
}
