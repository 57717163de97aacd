import type { MoneyBody, Schemas } from '@/api/client'

type Line = Schemas['QuoteLineBody']

/** The tax by its reason, in the order of the lines. */
export function taxes(lines: Pick<Line, 'tax' | 'tax_note'>[]): { note: string; tax: MoneyBody }[] {
  const found = new Map<string, MoneyBody>()
  for (const { tax, tax_note } of lines) {
    const before = found.get(tax_note)
    found.set(tax_note, before ? { ...before, amount: before.amount + tax.amount } : tax)
  }
  return [...found].map(([note, tax]) => ({ note, tax }))
}

/** Parts worth showing: one alone says what its line says. */
export function shownParts<Part>(parts: Part[]): Part[] {
  return parts.length > 1 ? parts : []
}

/** A part without the name that its line says already: documents need it in each, a summary once. */
export function shortened(part: { description: string }, line: { description: string }): string {
  const at = line.description.lastIndexOf(' for ')
  const about = at > 0 ? line.description.slice(at) : ''
  return about && part.description.endsWith(about) ? part.description.slice(0, -about.length) : part.description
}

export function pieces(unit: MoneyBody, quantity: number): MoneyBody {
  return { ...unit, amount: unit.amount * quantity }
}

export function minus(money: MoneyBody): MoneyBody {
  return { ...money, amount: -money.amount }
}
