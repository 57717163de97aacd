'use client'

import { Button, Group } from '@mantine/core'
import { usePathname } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { ReactNode } from 'react'
import Link from '@/components/link'
import { PageHeader } from '@/components/page-header'

const PLACES = [
  ['tax', '/admin/tax'],
  ['taxPolicy', '/admin/tax/policy'],
  ['taxRules', '/admin/tax/rules'],
  ['taxPreview', '/admin/tax/preview'],
  ['taxTasks', '/admin/tax/tasks'],
  ['taxIds', '/admin/tax/ids'],
  ['taxReturns', '/admin/tax/returns'],
] as const

/** The pages about tax have one head, and the way from each to the others. */
export function TaxFrame({ title, text, action, children }: { title: string; text?: ReactNode; action?: ReactNode; children: ReactNode }) {
  const words = useTranslations('desk.tax')
  const path = usePathname()
  return (
    <>
      <PageHeader title={title} text={text} action={action} />
      <Group component="nav" gap={4} mb="md" aria-label={words('nav')}>
        {PLACES.map(([name, href]) => (
          <Button
            key={href}
            component={Link}
            href={href}
            size="compact-sm"
            variant={path === href ? 'light' : 'subtle'}
            color={path === href ? undefined : 'gray'}
            aria-current={path === href ? 'page' : undefined}
          >
            {words(name)}
          </Button>
        ))}
      </Group>
      {children}
    </>
  )
}
