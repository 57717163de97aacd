export { History } from './history'
export { InvoicesOf, Items } from './parts'
export { badgeOf, isOver, nextCharge, openChanges } from './standing'
export { SubscriptionBadge } from './subscription-badge'
