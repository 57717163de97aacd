import type { ReactNode } from 'react'
import classes from '@/components/shell/shell.module.css'
import { SiteHeader } from '@/components/shell/site-header'

export default function AuthLayout({ children }: { children: ReactNode }) {
  return (
    <div className={classes.auth}>
      <SiteHeader />
      <main id="main" className={classes.authBody}>
        <div className={classes.authCard}>{children}</div>
      </main>
    </div>
  )
}
