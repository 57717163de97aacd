const HERE = 'http://portal.invalid'

/**
 * Only a path of ours: a link must not lead from our login to somebody else. It is read as the browser will read it,
 * which drops tabs, turns backslashes and resolves dots: `/\t/evil` and `/..//evil` would be other sites' addresses.
 */
export function safeNext(next: string | null, otherwise = '/dashboard'): string {
  if (!next?.startsWith('/') || !URL.canParse(next, HERE)) return otherwise
  const url = new URL(next, HERE)
  if (url.origin !== HERE || url.pathname.startsWith('//')) return otherwise
  return url.pathname + url.search + url.hash
}

/** An address for a link that comes from elsewhere: http(s), or none. */
export function webAddress(address: string | null | undefined): string | undefined {
  if (!address || !URL.canParse(address)) return undefined
  const { protocol, href } = new URL(address)
  return protocol === 'https:' || protocol === 'http:' ? href : undefined
}

/** Leaves for a page that the API named; what is no web address is not opened. */
export function leaveFor(address: string): void {
  const found = address.startsWith('/') ? safeNext(address) : webAddress(address)
  if (found) window.location.assign(found)
}

/** A country's name in the reader's language; a code that nobody knows stays as it is. */
export function countryName(code: string, locale: string): string {
  return (/^[A-Z]{2}$/.test(code) && new Intl.DisplayNames(locale, { type: 'region' }).of(code)) || code
}
