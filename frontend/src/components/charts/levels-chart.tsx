'use client'

import { Skeleton } from '@mantine/core'
import dynamic from 'next/dynamic'

/** The drawing is large: it comes after the page, and not from the server. */
export const LevelsChart = dynamic(() => import('./levels').then((found) => found.Levels), {
  ssr: false,
  loading: () => <Skeleton height={220} radius="md" />,
})
