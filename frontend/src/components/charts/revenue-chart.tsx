'use client'

import { Skeleton } from '@mantine/core'
import dynamic from 'next/dynamic'

/** The drawing is large: it comes after the page, and not from the server. */
export const RevenueChart = dynamic(() => import('./bars').then((found) => found.Bars), {
  ssr: false,
  loading: () => <Skeleton height={220} radius="md" />,
})
