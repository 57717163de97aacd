import { getTranslations } from 'next-intl/server'
import { getCompany } from '@/api/server'
import classes from './catalog.module.css'

const QUESTIONS = ['card', 'own', 'tax', 'late', 'refund', 'server'] as const

/** The browser's own folding: the answers are in the page for everybody, without a script. */
export async function Questions() {
  const [t, company] = await Promise.all([getTranslations('marketing.questions'), getCompany()])
  const included = String(company.prices_include_tax)
  return (
    <div className={classes.questions}>
      {QUESTIONS.map((name) => (
        <details key={name} className={classes.question}>
          <summary>{t(`${name}.q`)}</summary>
          <p>{t(`${name}.a`, { included })}</p>
        </details>
      ))}
    </div>
  )
}
