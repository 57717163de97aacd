'use client'

import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import dynamic from 'next/dynamic'
import { type ReactNode, useMemo, useState } from 'react'
import { Problem } from '@/api/client'
import type { Company } from '@/api/session'
import { ClockProvider } from '@/components/clock'
import { CompanyProvider } from '@/features/company'
import { ConnectionBanner } from '@/features/connection'
import { SessionWatch } from '@/features/identity/session-watch'
import { aaTokens, themeFor } from '@/theme/theme'

const RETRIES = 2
// Nothing is announced before a page has been used.
const Notifications = dynamic(() => import('@mantine/notifications').then((found) => found.Notifications), { ssr: false })

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The browser's own word for "online" is no reason to hold anything back: what does not arrive says so.
      mutations: { networkMode: 'always' },
      queries: {
        networkMode: 'always',
        staleTime: 10_000,
        // What the API refuses once, it refuses again; only what did not arrive is tried anew.
        retry: (count, error) => count < RETRIES && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
      },
    },
  })
}

declare global {
  var __webpack_nonce__: string | undefined
}

export function Providers({ nonce, company, children }: { nonce: string; company: Company; children: ReactNode }) {
  const [queries] = useState(newQueryClient)
  // Where the lock of the page's scrolling behind a dialog looks for the nonce of its style.
  if (typeof window !== 'undefined') globalThis.__webpack_nonce__ ??= nonce
  const theme = useMemo(() => themeFor(company.accent_color), [company.accent_color])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={aaTokens} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <CompanyProvider company={company}>
          <ClockProvider now={company.now}>
            <Notifications position="top-right" />
            <SessionWatch />
            {children}
            <ConnectionBanner />
          </ClockProvider>
        </CompanyProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
