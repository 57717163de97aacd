'use client'

import dynamic from 'next/dynamic'

// What opens upon a press is loaded upon it: lists are read far more often than anything is done.
export const ReasonDialog = dynamic(() => import('./reason-dialog').then((found) => found.ReasonDialog), { ssr: false })
export const AddServer = dynamic(() => import('./fleet/add-server').then((found) => found.AddServer), { ssr: false })
export const StateDialog = dynamic(() => import('./fleet/state-dialog').then((found) => found.StateDialog), { ssr: false })
export const InviteDialog = dynamic(() => import('./people/invite-dialog').then((found) => found.InviteDialog), { ssr: false })
export const NewKey = dynamic(() => import('./people/new-key').then((found) => found.NewKey), { ssr: false })
export const StatusDialog = dynamic(() => import('./licenses/status-dialog').then((found) => found.StatusDialog), { ssr: false })
export const LimitsDialog = dynamic(() => import('./licenses/limits-dialog').then((found) => found.LimitsDialog), { ssr: false })
export const ExtendDialog = dynamic(() => import('./licenses/extend-dialog').then((found) => found.ExtendDialog), { ssr: false })
export const MoveDialog = dynamic(() => import('./licenses/move-dialog').then((found) => found.MoveDialog), { ssr: false })
export const PayDialog = dynamic(() => import('./invoices/pay-dialog').then((found) => found.PayDialog), { ssr: false })
export const CreditDialog = dynamic(() => import('./invoices/credit-dialog').then((found) => found.CreditDialog), { ssr: false })
export const ExplainDrawer = dynamic(() => import('./invoices/explain-drawer').then((found) => found.ExplainDrawer), { ssr: false })
export const PolicyDialog = dynamic(() => import('./tax/policy-dialog').then((found) => found.PolicyDialog), { ssr: false })
export const RuleDialog = dynamic(() => import('./tax/rule-dialog').then((found) => found.RuleDialog), { ssr: false })
export const RateDialog = dynamic(() => import('./books/rate-dialog').then((found) => found.RateDialog), { ssr: false })
export const CreditAdjustment = dynamic(() => import('./books/credit-adjustment').then((found) => found.CreditAdjustment), { ssr: false })
export const ExemptionDialog = dynamic(() => import('./tax/exemption-dialog').then((found) => found.ExemptionDialog), { ssr: false })
