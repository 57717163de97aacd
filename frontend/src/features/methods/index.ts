export { CardName } from './card-name'
export { type Method, useCollections, useMethods } from './queries'
export { standingOfCard } from './standing'
