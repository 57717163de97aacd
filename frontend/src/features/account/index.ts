export { DetailsForm } from './lazy-details'
export { type Customer, useProfile } from './queries'
