'use client'

import { createContext, type ReactNode, useContext } from 'react'
import type { Company } from '@/api/session'
import { useNow } from '@/components/clock'
import { dayIn } from '@/lib/day'

const CompanyContext = createContext<Company | null>(null)

export function CompanyProvider({ company, children }: { company: Company; children: ReactNode }) {
  return <CompanyContext value={company}>{children}</CompanyContext>
}

export function useCompany(): Company {
  const company = useContext(CompanyContext)
  if (!company) throw new Error('CompanyProvider is missing')
  return company
}

/** The seller's day, by the shop's clock. */
export function useToday(): string {
  return dayIn(useCompany().time_zone, new Date(useNow()))
}

/** The shop's logo, else its initial on its color, with its name. */
export function Brand() {
  const company = useCompany()
  return (
    <span className="np-brand">
      {company.logo_url ? (
        // biome-ignore lint/performance/noImgElement: the shop's own file, of a size that we don't know
        <img src={company.logo_url} alt="" height={28} />
      ) : (
        <span className="np-mark" aria-hidden>
          {company.name.slice(0, 1)}
        </span>
      )}
      <span>{company.name}</span>
    </span>
  )
}
