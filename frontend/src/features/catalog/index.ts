export { useItemPrices } from './item-prices'
export { PlanCard } from './plan-cards'
export { priceOf } from './prices'
export { namesFor, useDomainCheck, usePlans, useTlds } from './queries'
