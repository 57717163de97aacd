import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, renderHook } from '@testing-library/react'
import type { ReactNode } from 'react'
import { expect, test } from 'vitest'
import { useOnce } from './once'

function open(mutationFn: (input: string) => Promise<string>) {
  const queries = new QueryClient()
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  return renderHook(() => useOnce({ mutationFn }), { wrapper }).result
}

test('a second press before the first is answered sends nothing', async () => {
  const sent: string[] = []
  let answer: (value: string) => void = () => undefined
  const result = open((input) => {
    sent.push(input)
    return new Promise((found) => {
      answer = found
    })
  })
  await act(async () => {
    result.current.send('first')
    result.current.send('second')
  })
  expect(sent).toEqual(['first'])
  await act(async () => answer('done'))
  await act(async () => result.current.send('third'))
  expect(sent).toEqual(['first', 'third'])
})

test('after a refusal it can be tried again', async () => {
  let tries = 0
  const result = open(async () => {
    tries += 1
    throw new Error('refused')
  })
  await act(async () => result.current.send('once'))
  await act(async () => result.current.send('again'))
  expect(tries).toBe(2)
})
