'use client'

import { Button, Card, Group, Text, Title } from '@mantine/core'
import { useRouter } from 'next/navigation'
import { useTranslations } from 'next-intl'
import type { Plan } from '@/api/server'
import { useCycleWords } from '@/components/cycle-words'
import { Money, useMoney } from '@/components/money'
import { useCart } from '@/features/cart'
import classes from './catalog.module.css'
import { useProducts } from './queries'

/** What is sold beside the plans, if anything is. */
export function ProductCards({ products: given, title }: { products: Plan[]; title: string }) {
  const products = useProducts(given).data ?? []
  if (products.length === 0) return null
  return (
    <section className={classes.products} aria-label={title}>
      <Title order={2} fz={24} mb="md">
        {title}
      </Title>
      <div className={classes.pair}>
        {products.map((product) => (
          <ProductCard key={product.code} product={product} />
        ))}
      </div>
    </section>
  )
}

function ProductCard({ product }: { product: Plan }) {
  const t = useTranslations('marketing.plans')
  const words = useCycleWords()
  const money = useMoney()
  const router = useRouter()
  const { addProduct } = useCart()
  const [priced] = product.prices
  if (!priced) return null
  const add = () => {
    addProduct(product.code, priced.cycle)
    router.push('/cart')
  }
  return (
    <Card component="section" aria-label={product.name}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Title order={3} fz={18}>
            {product.name}
          </Title>
          <Text c="dimmed" size="sm">
            {product.tagline}
          </Text>
        </div>
        <div className={classes.small}>
          <Money value={priced.price} />
          <div className="np-aside">{words.per(priced.cycle)}</div>
        </div>
      </Group>
      {priced.setup_fee.amount > 0 && (
        <Text size="sm" c="dimmed">
          {t('setup', { fee: money(priced.setup_fee) })}
        </Text>
      )}
      <Button variant="light" mt="md" style={{ alignSelf: 'flex-start' }} onClick={add} disabled={!product.in_stock}>
        {product.in_stock ? t('add', { name: product.name }) : t('soldOut', { name: product.name })}
      </Button>
    </Card>
  )
}
