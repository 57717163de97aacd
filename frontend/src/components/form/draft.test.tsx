import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { announceEnd } from '@/api/session-end'
import { readDraft, useDraft } from './draft'

function Form({ owner }: { owner: string }) {
  const [values, setValues] = useDraft('details', owner, { city: 'Berlin', street: '' })
  return <input aria-label="city" value={values.city} onChange={(event) => setValues({ ...values, city: event.currentTarget.value })} />
}

const city = () => (screen.getByLabelText('city') as HTMLInputElement).value

beforeEach(() => sessionStorage.clear())
afterEach(cleanup)

it('keeps what was typed over the end of a session, for the same customer', () => {
  render(<Form owner="ada" />)
  fireEvent.change(screen.getByLabelText('city'), { target: { value: 'Potsdam' } })
  expect(sessionStorage.length).toBe(0)
  act(announceEnd)
  cleanup()
  render(<Form owner="ada" />)
  expect(city()).toBe('Potsdam')
  expect(readDraft('details', 'ada')).toBeNull()
})

it('never shows it to another', () => {
  render(<Form owner="ada" />)
  fireEvent.change(screen.getByLabelText('city'), { target: { value: 'Potsdam' } })
  act(announceEnd)
  cleanup()
  render(<Form owner="eve" />)
  expect(city()).toBe('Berlin')
  expect(sessionStorage.length).toBe(0)
})
