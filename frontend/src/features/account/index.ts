export { DetailsForm } from './lazy-details'
export { type Customer, useProfile } from './queries'
export { TaxIdStanding } from './tax-id-standing'
