import { Container } from '@mantine/core'
import { useTranslations } from 'next-intl'
import type { Company } from '@/api/session'
import Link from '../link'
import classes from './shell.module.css'

const LEGAL = ['terms', 'privacy', 'imprint', 'withdrawal'] as const

/** Made on the server wherever it can be: it costs those pages no script. */
export function FooterOf({ company }: { company: Company }) {
  const t = useTranslations('common')
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
