import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { Container } from '@mantine/core'
import type { Metadata } from 'next'
import { notFound } from 'next/navigation'
import { getLocale, getTranslations } from 'next-intl/server'
import { getCompany } from '@/api/server'
import { describePage } from '../../../describe'
import classes from '../../marketing.module.css'

const SLUGS = ['terms', 'privacy', 'imprint', 'withdrawal']

interface LegalProps {
  params: Promise<{ slug: string }>
}

export async function generateMetadata({ params }: LegalProps): Promise<Metadata> {
  const { slug } = await params
  if (!SLUGS.includes(slug)) return {}
  const [t, company] = await Promise.all([getTranslations('common'), getCompany()])
  return describePage(`/legal/${slug}`, t(`nav.${slug}`), t('legal', { page: t(`nav.${slug}`), company: company.name }))
}

/** Text files with blank lines between paragraphs; a line that begins with `# ` or `## ` is a heading. */
export default async function Legal({ params }: LegalProps) {
  const { slug } = await params
  if (!SLUGS.includes(slug)) notFound()
  const [locale, company] = await Promise.all([getLocale(), getCompany()])
  const raw = await readFile(path.join(process.cwd(), 'content', locale, `${slug}.txt`), 'utf8')
  const values: Record<string, unknown> = { ...company, logo_url: '' }
  const text = raw.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
  return (
    <Container size="lg" py={48}>
      <article className={classes.prose}>
        {text.split(/\n{2,}/).map((block) => (
          <Block key={block} text={block.trim()} />
        ))}
      </article>
    </Container>
  )
}

function Block({ text }: { text: string }) {
  if (text.startsWith('## ')) return <h2>{text.slice(3)}</h2>
  if (text.startsWith('# ')) return <h1 className={classes.title}>{text.slice(2)}</h1>
  return <p>{text}</p>
}
