'use client'

import dynamic from 'next/dynamic'

/** Every page carries this one along unseen: its scripts come only where it is shown. */
export const LateMissing = dynamic(() => import('./missing').then((found) => found.Missing))
