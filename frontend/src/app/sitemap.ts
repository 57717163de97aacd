import type { MetadataRoute } from 'next'
import { siteOrigin } from './site'

/** The address is the one that the portal runs under, which a build does not know. */
export const dynamic = 'force-dynamic'

const PAGES = ['/', '/pricing', '/domains', '/legal/terms', '/legal/privacy', '/legal/imprint', '/legal/withdrawal']

export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  const origin = await siteOrigin()
  return PAGES.map((page) => ({ url: origin + page, priority: page === '/' ? 1 : 0.6 }))
}
