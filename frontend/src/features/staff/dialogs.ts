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
