import { Container } from '@mantine/core'
import { getTranslations } from 'next-intl/server'
import { getCompany } from '@/api/server'
import Link from '../link'
import classes from './shell.module.css'

const LEGAL = ['terms', 'privacy', 'imprint', 'withdrawal'] as const

export async function SiteFooter() {
  const [company, t] = await Promise.all([getCompany(), getTranslations('common')])
  return (
    <footer className={classes.footer}>
      <Container size="lg" className={classes.footerRow}>
        <div>
          <strong>{company.name}</strong>
          <div className="np-aside">{company.address}</div>
          {company.email && <a href={`mailto:${company.email}`}>{company.email}</a>}
        </div>
        <nav aria-label={t('nav.legal')} className={classes.footerLinks}>
          <Link href="/pricing">{t('nav.pricing')}</Link>
          <Link href="/domains">{t('nav.domains')}</Link>
          {LEGAL.map((slug) => (
            <Link key={slug} href={`/legal/${slug}`}>
              {t(`nav.${slug}`)}
            </Link>
          ))}
        </nav>
      </Container>
    </footer>
  )
}
