export { CardName } from './card-name'
export { type Method, useMethods } from './queries'
export { standingOfCard } from './standing'
