export { useMay, useOverview, useWaiting } from './queries'
