'use client'

import { useFormatter } from 'next-intl'

const PPM = 1_000_000
const PLACES = 4

/** `19 %` of 190000 parts per million. */
export function usePercent(): (ppm: number) => string {
  const format = useFormatter()
  return (ppm) => format.number(ppm / PPM, { style: 'percent', maximumFractionDigits: PLACES })
}
