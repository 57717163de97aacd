import { type NextRequest, NextResponse } from 'next/server'

const ACCOUNT = /^\/(dashboard|licenses|domains-owned|orders|invoices|settings|payments|admin)(\/|$)/

function policy(nonce: string): string {
  const development = process.env.NODE_ENV !== 'production'
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ''}`,
    `style-src 'self' 'nonce-${nonce}'`,
    // Mantine sets sizes and colors through style attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'self'",
    "form-action 'self'",
    "object-src 'none'",
  ].join('; ')
}

function toApi(request: NextRequest): NextResponse {
  const origin = process.env.API_ORIGIN ?? 'http://127.0.0.1:8001'
  const asked = new URL(request.url)
  return NextResponse.rewrite(new URL(asked.pathname + asked.search, origin))
}

/** Convenience only: whoever forges the hint sees an empty page, for the API decides what is shown. */
function toLogin(request: NextRequest): NextResponse | null {
  const { pathname, search } = request.nextUrl
  if (!ACCOUNT.test(pathname) || request.cookies.has('np_session')) return null
  const next = encodeURIComponent(pathname + search)
  return NextResponse.redirect(new URL(`/login?next=${next}`, request.url))
}

export function proxy(request: NextRequest): NextResponse {
  if (request.nextUrl.pathname.startsWith('/api/')) return toApi(request)
  const nonce = btoa(crypto.randomUUID())
  const csp = policy(nonce)
  const headers = new Headers(request.headers)
  headers.set('x-nonce', nonce)
  headers.set('content-security-policy', csp)
  const response = toLogin(request) ?? NextResponse.next({ request: { headers } })
  response.headers.set('content-security-policy', csp)
  response.headers.set('x-content-type-options', 'nosniff')
  response.headers.set('x-frame-options', 'DENY')
  response.headers.set('referrer-policy', 'strict-origin-when-cross-origin')
  response.headers.set('permissions-policy', 'camera=(), geolocation=(), microphone=(), payment=()')
  response.headers.set('cross-origin-opener-policy', 'same-origin')
  if (request.headers.get('x-forwarded-proto') === 'https') response.headers.set('strict-transport-security', 'max-age=31536000')
  return response
}

export const config = { matcher: ['/((?!_next/static/|icon\\.svg$|robots\\.txt$|sitemap\\.xml$).*)'] }
