'use client'

import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { type ReactNode, useMemo, useState } from 'react'
import { Problem } from '@/api/client'
import type { Company } from '@/api/session'
import { CompanyProvider } from '@/features/company'
import { aaTokens, themeFor } from '@/theme/theme'

const RETRIES = 2

function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        // What the API refuses once, it refuses again; only what did not arrive is tried anew.
        retry: (count, error) => count < RETRIES && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
      },
    },
  })
}

export function Providers({ nonce, company, children }: { nonce: string; company: Company; children: ReactNode }) {
  const [queries] = useState(newQueryClient)
  const theme = useMemo(() => themeFor(company.accent_color), [company.accent_color])
  return (
    <MantineProvider theme={theme} cssVariablesResolver={aaTokens} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={queries}>
        <CompanyProvider company={company}>
          <Notifications position="top-right" />
          {children}
        </CompanyProvider>
      </QueryClientProvider>
    </MantineProvider>
  )
}
