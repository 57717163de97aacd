'use client'

import { Accordion } from '@mantine/core'
import { useTranslations } from 'next-intl'

const QUESTIONS = ['card', 'own', 'tax', 'late', 'refund', 'server'] as const

export function Questions() {
  const t = useTranslations('marketing.questions')
  return (
    <Accordion variant="separated" mt="lg" order={3}>
      {QUESTIONS.map((name) => (
        <Accordion.Item key={name} value={name}>
          <Accordion.Control>{t(`${name}.q`)}</Accordion.Control>
          <Accordion.Panel>{t(`${name}.a`)}</Accordion.Panel>
        </Accordion.Item>
      ))}
    </Accordion>
  )
}
