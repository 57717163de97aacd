export { DomainBox, DomainSearch } from './domain-search'
export { PlanCards, priceOf } from './plan-cards'
export { namesFor, useDomainCheck, usePlans, useTlds } from './queries'
