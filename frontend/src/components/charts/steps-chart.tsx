'use client'

import { Skeleton } from '@mantine/core'
import dynamic from 'next/dynamic'

/** The drawing is large: it comes after the page, and not from the server. */
export const StepsChart = dynamic(() => import('./steps').then((found) => found.Steps), {
  ssr: false,
  loading: () => <Skeleton height={240} radius="md" />,
})
