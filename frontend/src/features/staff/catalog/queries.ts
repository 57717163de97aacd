'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Plan = Schemas['ManagedPlanBody']
export type WholePlan = Schemas['ManagedPlanWithPrices']
export type Kind = Plan['kind']
export type PriceVersion = Schemas['PriceVersionBody']
export type Cycle = Schemas['CycleBody']
export type Unit = Cycle['unit']
export type Impact = Schemas['ImpactBody']
export type Option = Schemas['ManagedOptionBody']
export type Coupon = Schemas['CouponBody']
export type Redemption = Schemas['RedemptionBody']
export type Tld = Schemas['ManagedTldBody']

/** Whoever changed it meanwhile is not overwritten: the API refuses another version than the one that was read. */
const having = (version: number) => ({ 'if-match': `"${version}"` })
const plan = (plan_id: string) => ({ plan_id })
const option = (option_id: string) => ({ option_id })
const coupon = (coupon_id: string) => ({ coupon_id })
const tld = (tld_id: string) => ({ tld_id })

export const loadPlans = () => take(api.GET('/api/v1/admin/plans'))
export const loadOptions = () => take(api.GET('/api/v1/admin/options'))
export const loadTlds = () => take(api.GET('/api/v1/admin/tlds'))

export function useManagedPlans() {
  return useQuery<Plan[]>({ queryKey: ['staff', 'plans', 'known'], queryFn: async () => (await loadPlans()).items })
}

export function useManagedOptions() {
  return useQuery<Option[]>({ queryKey: ['staff', 'options', 'known'], queryFn: async () => (await loadOptions()).items })
}

export function useManagedTlds() {
  return useQuery<Tld[]>({ queryKey: ['staff', 'tlds', 'known'], queryFn: async () => (await loadTlds()).items })
}

export function useManagedPlan(id: string) {
  return useQuery<WholePlan>({
    queryKey: ['staff', 'plan', id],
    queryFn: () => take(api.GET('/api/v1/admin/plans/{plan_id}', { params: { path: plan(id) } })),
  })
}

export interface Proposal {
  amount: number
  currency: string
  unit: Exclude<Unit, 'once'>
  count: number
}

/** Whom the plan's prices touch; with a proposal: what it would be at a price that nobody has stored yet. */
export function useImpact(id: string, proposal?: Proposal, enabled = true) {
  return useQuery<Impact>({
    queryKey: ['staff', 'plan', id, 'impact', proposal ?? null],
    queryFn: () => take(api.GET('/api/v1/admin/plans/{plan_id}/impact', { params: { path: plan(id), query: proposal } })),
    placeholderData: keepPreviousData,
    enabled,
  })
}

export function usePreview(id: string, on: string, currency: string) {
  return useQuery<Schemas['PlanBody']>({
    queryKey: ['staff', 'plan', id, 'preview', on, currency],
    queryFn: () =>
      take(
        api.GET('/api/v1/admin/plans/{plan_id}/preview', {
          params: { path: plan(id), query: { on: on || undefined, currency: currency || undefined } },
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  })
}

export const createPlan = (body: Schemas['NewPlan']) => take(api.POST('/api/v1/admin/plans', { body }))

export const changePlan = ({ id, version }: Plan, body: Schemas['PlanChange']) =>
  take(api.PUT('/api/v1/admin/plans/{plan_id}', { params: { path: plan(id), header: having(version) }, body }))

export const withdrawPlan = ({ id, version }: Plan, reason: string) =>
  take(api.DELETE('/api/v1/admin/plans/{plan_id}', { params: { path: plan(id), header: having(version), query: { reason } } }))

export const pricePlan = ({ id, version }: Plan, body: Schemas['NewPriceBody']) =>
  take(api.POST('/api/v1/admin/plans/{plan_id}/prices', { params: { path: plan(id), header: having(version) }, body }))

export const stockPlan = ({ id, version }: Plan, body: Schemas['StockBody']) =>
  take(api.PUT('/api/v1/admin/plans/{plan_id}/stock', { params: { path: plan(id), header: having(version) }, body }))

export function useManagedOption(id: string) {
  return useQuery<Option>({
    queryKey: ['staff', 'option', id],
    queryFn: () => take(api.GET('/api/v1/admin/options/{option_id}', { params: { path: option(id) } })),
  })
}

export function useOptionPrices(id: string) {
  return useQuery<PriceVersion[]>({
    queryKey: ['staff', 'option', id, 'prices'],
    queryFn: async () => (await take(api.GET('/api/v1/admin/options/{option_id}/prices', { params: { path: option(id) } }))).items,
  })
}

export const createOption = (body: Schemas['NewOption']) => take(api.POST('/api/v1/admin/options', { body }))

export const changeOption = ({ id, version }: Option, body: Schemas['OptionChange']) =>
  take(api.PUT('/api/v1/admin/options/{option_id}', { params: { path: option(id), header: having(version) }, body }))

export const withdrawOption = ({ id, version }: Option, reason: string) =>
  take(api.DELETE('/api/v1/admin/options/{option_id}', { params: { path: option(id), header: having(version), query: { reason } } }))

export const priceOption = ({ id, version }: Option, body: Schemas['OptionPriceChoice']) =>
  take(api.POST('/api/v1/admin/options/{option_id}/prices', { params: { path: option(id), header: having(version) }, body }))

export function useCoupon(id: string) {
  return useQuery<Coupon>({
    queryKey: ['staff', 'coupon', id],
    queryFn: () => take(api.GET('/api/v1/admin/coupons/{coupon_id}', { params: { path: coupon(id) } })),
  })
}

export const loadCoupons = (cursor: string | undefined, limit: number) =>
  take(api.GET('/api/v1/admin/coupons', { params: { query: { cursor, limit } } }))

export const loadRedemptions = (id: string, cursor: string | undefined, limit: number) =>
  take(api.GET('/api/v1/admin/coupons/{coupon_id}/redemptions', { params: { path: coupon(id), query: { cursor, limit } } }))

export const createCoupon = (body: Schemas['NewCoupon']) => take(api.POST('/api/v1/admin/coupons', { body }))

export const changeCoupon = ({ id, version }: Coupon, body: Schemas['CouponChange']) =>
  take(api.PUT('/api/v1/admin/coupons/{coupon_id}', { params: { path: coupon(id), header: having(version) }, body }))

export const withdrawCoupon = ({ id, version }: Coupon, reason: string) =>
  take(api.DELETE('/api/v1/admin/coupons/{coupon_id}', { params: { path: coupon(id), header: having(version), query: { reason } } }))

export function useManagedTld(id: string) {
  return useQuery<Tld>({
    queryKey: ['staff', 'tld', id],
    queryFn: () => take(api.GET('/api/v1/admin/tlds/{tld_id}', { params: { path: tld(id) } })),
  })
}

export const createTld = (body: Schemas['NewTld']) => take(api.POST('/api/v1/admin/tlds', { body }))

export const changeTld = ({ id, version }: Tld, body: Schemas['TldChange']) =>
  take(api.PUT('/api/v1/admin/tlds/{tld_id}', { params: { path: tld(id), header: having(version) }, body }))

export const withdrawTld = ({ id, version }: Tld, reason: string) =>
  take(api.DELETE('/api/v1/admin/tlds/{tld_id}', { params: { path: tld(id), header: having(version), query: { reason } } }))

export const priceTld = ({ id, version }: Tld, body: Schemas['TldPriceChoice']) =>
  take(api.POST('/api/v1/admin/tlds/{tld_id}/prices', { params: { path: tld(id), header: having(version) }, body }))
