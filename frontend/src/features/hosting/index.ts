export { useAccounts } from './queries'
