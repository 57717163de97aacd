/** How many places a currency's minor units make: two for USD, none for JPY, three for KWD. */
export function placesOf(currency: string): number {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2
}

/** Minor units as a number in the currency's own unit; for showing only, never for sums. */
export function inUnits({ amount, currency }: { amount: number; currency: string }): number {
  return amount / 10 ** placesOf(currency)
}

/** As machines read it: `29.00`, `2900` yen, `1.500` dinar. */
export function plainAmount(money: { amount: number; currency: string }): string {
  return inUnits(money).toFixed(placesOf(money.currency))
}
