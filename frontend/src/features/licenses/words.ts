'use client'

import { useTranslations } from 'next-intl'

/** A name of the program's, such as `databases`, in the reader's words; one that a plan invented stays as it is, readable. */
export function useName(area: 'resource' | 'feature'): (name: string) => string {
  const t = useTranslations(`licenses.${area}`)
  return (name) => (t.has(name) ? t(name) : name.replaceAll('_', ' ').replace(/^./, (first) => first.toUpperCase()))
}
