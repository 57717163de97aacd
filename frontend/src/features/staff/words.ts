'use client'

import { useTranslations } from 'next-intl'

type Area = 'cause' | 'what' | 'promise' | 'resource' | 'reason'

/** A name of the program's, such as `domains.register`, in words where there are any; else as it is, readable. */
export function useWords(area: Area): (name: string | null | undefined, otherwise?: string) => string {
  const t = useTranslations(`staff.${area}`)
  return (name, otherwise) => {
    const key = (name ?? '').replaceAll('.', '_')
    return key && t.has(key) ? t(key) : (otherwise ?? name ?? '').replaceAll('_', ' ')
  }
}
