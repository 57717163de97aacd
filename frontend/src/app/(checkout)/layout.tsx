import type { ReactNode } from 'react'
import classes from '@/components/shell/shell.module.css'
import { SiteFooter } from '@/components/shell/site-footer'
import { SiteHeader } from '@/components/shell/site-header'

export default function SiteLayout({ children }: { children: ReactNode }) {
  return (
    <>
      <SiteHeader />
      <main id="main" className={classes.main}>
        {children}
      </main>
      <SiteFooter />
    </>
  )
}
