import { beforeEach, expect, test } from 'vitest'
import { type CartItem, cartId, withDomain, writeCart } from '.'

const domain: CartItem = { kind: 'domain', name: 'my-first-shop.com', years: 1 }

beforeEach(() => {
  writeCart([])
})

test('a cart is known by one id from its first item to its order, the next cart by another', async () => {
  const { renderHook } = await import('@testing-library/react')
  const { useCart } = await import('.')
  const shown = renderHook(() => useCart())
  writeCart([domain])
  shown.rerender()
  const first = cartId()
  writeCart(withDomain([domain], 'another-shop.com'))
  shown.rerender()
  expect([first.length > 30, cartId()]).toEqual([true, first])
  writeCart([])
  writeCart([domain])
  shown.rerender()
  expect(cartId()).not.toBe(first)
})
