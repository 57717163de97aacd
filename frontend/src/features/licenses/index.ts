export { useLicenses } from './queries'
