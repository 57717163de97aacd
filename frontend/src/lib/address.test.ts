import { describe, expect, it } from 'vitest'
import { countryName, safeNext, webAddress } from './address'

describe('safeNext', () => {
  it.each(['/orders/1?a=b#c', '/', '/settings/profile'])('keeps %s', (path) => {
    expect(safeNext(path)).toBe(path)
  })

  it.each([
    null,
    '',
    'dashboard',
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/\n//evil.example',
    '/..//evil.example',
    '/.//evil.example',
    'javascript:alert(1)',
    ' /x',
  ])('refuses %j', (path) => {
    expect(safeNext(path)).toBe('/dashboard')
  })
})

describe('webAddress', () => {
  it('takes http and https, and nothing that runs', () => {
    expect(webAddress('https://pay.example/c/1')).toBe('https://pay.example/c/1')
    expect(webAddress('http://127.0.0.1:9/x')).toBe('http://127.0.0.1:9/x')
    for (const bad of ['javascript:alert(1)', ' javascript:alert(1)', 'data:text/html,x', '/path', '', null]) expect(webAddress(bad)).toBeUndefined()
  })
})

it('names countries in the language of the reader', () => {
  expect([countryName('DE', 'en'), countryName('DE', 'de'), countryName('??', 'en')]).toEqual(['Germany', 'Deutschland', '??'])
})
