export { Extras } from './extras'
export { Pieces } from './item-parts'
