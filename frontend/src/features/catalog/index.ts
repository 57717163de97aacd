export { useItemPrices } from './item-prices'
export { priceOf } from './prices'
export { namesFor, useDomainCheck, usePlans, useTlds } from './queries'
