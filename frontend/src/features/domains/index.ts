export { useOwnDomains } from './queries'
