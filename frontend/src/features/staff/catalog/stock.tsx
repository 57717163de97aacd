'use client'

import { Button, Card, Checkbox, Group, Text, Title } from '@mantine/core'
import { useFormatter, useTranslations } from 'next-intl'
import { useState } from 'react'
import { Meter } from '@/components/charts/meter'
import { ReasonDialog } from '../dialogs'
import { useMay } from '../queries'
import type { Deed } from '../reason-dialog'
import classes from './catalog.module.css'
import { NumberField } from './fields'
import { stockPlan, type WholePlan } from './queries'
import { Sheet } from './sheet'
import { useFaultWords } from './words'

/** How many can still be ordered, how many wait in unpaid orders, how many are sold. */
export function Stock({ plan }: { plan: WholePlan }) {
  const t = useTranslations('catalog.stock')
  const format = useFormatter()
  const may = useMay('catalog.manage')
  const [open, setOpen] = useState(false)
  const { stock_left: left, stock_held: held, stock_taken: taken } = plan
  const whole = (left ?? 0) + held + taken
  return (
    <Card component="section" aria-labelledby="stock">
      <Group justify="space-between" mb="sm">
        <Title order={2} fz={16} id="stock">
          {t('title')}
        </Title>
        {may && (
          <Button size="xs" variant="default" onClick={() => setOpen(true)}>
            {t('set')}
          </Button>
        )}
      </Group>
      <dl className={classes.stock}>
        <div>
          <dt>{t('left')}</dt>
          <dd>{left === null ? t('endless') : format.number(left)}</dd>
        </div>
        <div>
          <dt>{t('held')}</dt>
          <dd>{format.number(held)}</dd>
        </div>
        <div>
          <dt>{t('taken')}</dt>
          <dd>{format.number(taken)}</dd>
        </div>
      </dl>
      {left !== null && whole > 0 && (
        <div style={{ marginTop: 12 }}>
          <Meter label={t('gone')} used={held + taken} capacity={whole} />
        </div>
      )}
      <Text size="sm" c="dimmed" mt="xs">
        {left === 0 ? t('none') : t(left === null ? 'endlessText' : 'text')}
      </Text>
      {open && <StockDialog plan={plan} onClose={() => setOpen(false)} />}
    </Card>
  )
}

function StockDialog({ plan, onClose }: { plan: WholePlan; onClose: () => void }) {
  const t = useTranslations('catalog.stock')
  const kept = useTranslations('catalog.plan')
  const words = useFaultWords()
  const [endless, setEndless] = useState(plan.stock_left === null)
  const [typed, setTyped] = useState(String(plan.stock_left ?? ''))
  const deed: Deed = {
    title: t('setTitle', { name: plan.name }),
    text: t('setText'),
    submit: t('submit'),
    done: t('done'),
    hint: kept('kept'),
    names: ['left'],
    run: (reason) => {
      const sheet = new Sheet(words)
      const left = endless ? null : sheet.whole('left', typed)
      sheet.check()
      return stockPlan(plan, { left, reason })
    },
    fields: (faults) => (
      <>
        <Checkbox size="sm" label={t('noEnd')} checked={endless} onChange={(event) => setEndless(event.currentTarget.checked)} />
        {!endless && <NumberField label={t('leftNow')} hint={t('leftHint')} value={typed} error={faults.left} onChange={setTyped} required />}
      </>
    ),
  }
  return <ReasonDialog deed={deed} onClose={onClose} />
}
