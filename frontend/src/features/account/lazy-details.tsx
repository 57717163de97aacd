'use client'

import { Skeleton } from '@mantine/core'
import dynamic from 'next/dynamic'

/** For pages that most people pass without changing who they are. */
export const DetailsForm = dynamic(() => import('./details-form').then((found) => found.DetailsForm), {
  ssr: false,
  loading: () => <Skeleton height={320} />,
})
