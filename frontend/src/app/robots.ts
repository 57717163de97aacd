import type { MetadataRoute } from 'next'
import { siteOrigin } from './site'

export default async function robots(): Promise<MetadataRoute.Robots> {
  const origin = await siteOrigin()
  const disallow = ['/api/', '/dashboard', '/orders', '/invoices', '/licenses', '/settings', '/checkout', '/cart', '/welcome/']
  return { rules: { userAgent: '*', allow: '/', disallow }, sitemap: `${origin}/sitemap.xml` }
}
