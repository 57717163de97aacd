import { getCompany } from '@/api/server'
import { FooterOf } from './footer-of'

export async function SiteFooter() {
  return <FooterOf company={await getCompany()} />
}
