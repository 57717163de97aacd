export { waitsForAddress } from './course'
export { payOrder } from './pay'
export { type Order, useOpenOrders } from './queries'
