import type { MetadataRoute } from 'next'
import { siteOrigin } from './site'

/** The address is the one that the portal runs under, which a build does not know. */
export const dynamic = 'force-dynamic'

const PRIVATE = ['/admin', '/cart', '/checkout', '/dashboard', '/domains-owned', '/invoices', '/licenses', '/orders', '/payments', '/settings']

export default async function robots(): Promise<MetadataRoute.Robots> {
  const disallow = ['/api/', '/welcome/', '/pay/', ...PRIVATE]
  return { rules: { userAgent: '*', allow: '/', disallow }, sitemap: `${await siteOrigin()}/sitemap.xml` }
}
