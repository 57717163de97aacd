import { expect, test } from 'vitest'
import { csvCell, toCsv } from './csv'

test('what separates, breaks lines or quotes is quoted', () => {
  expect(csvCell('plain')).toBe('plain')
  expect(csvCell('Ada, Countess')).toBe('"Ada, Countess"')
  expect(csvCell('the "best"')).toBe('"the ""best"""')
  expect(csvCell('two\nlines')).toBe('"two\nlines"')
})

test('a spreadsheet runs nothing that a customer typed', () => {
  for (const typed of ['=1+1', '+1', '-1', '@sum', '\tx']) expect(csvCell(typed)).toBe(`'${typed}`)
  expect(csvCell('=a,b')).toBe('"\'=a,b"')
})

test('numbers stay numbers, also below zero, and nothing stays empty', () => {
  expect(csvCell(-12.5)).toBe('-12.5')
  expect(csvCell(0)).toBe('0')
  expect(csvCell(null)).toBe('')
})

test('every line ends in CR LF', () => {
  expect(
    toCsv([
      ['a', 'b'],
      [1, null],
    ]),
  ).toBe('a,b\r\n1,\r\n')
})
