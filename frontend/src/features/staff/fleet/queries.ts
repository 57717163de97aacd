'use client'

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api, type Schemas, take } from '@/api/client'

export type Server = Schemas['ServerBody']
export type NewServer = Schemas['NewServerBody']
export type ServerState = Schemas['ServerStateBody']['status']
const KEY = ['staff', 'servers']
const CALMLY = 30_000

export function useServers() {
  return useQuery<Server[]>({
    queryKey: KEY,
    queryFn: async () => (await take(api.GET('/api/v1/nextpanel/servers'))).items,
    refetchInterval: CALMLY,
  })
}

function useChange<In, Out>(change: (input: In) => Promise<Out>) {
  const queries = useQueryClient()
  return useMutation({ mutationFn: change, onSettled: () => queries.invalidateQueries({ queryKey: ['staff'] }) })
}

export function useAddServer() {
  return useChange((body: NewServer) => take(api.POST('/api/v1/nextpanel/servers', { body })))
}

export function useTestServer() {
  return useChange((id: string) => take(api.POST('/api/v1/nextpanel/servers/{server_id}/test', { params: { path: { server_id: id } } })))
}

export function useServerState() {
  return useChange(({ id, status }: { id: string; status: ServerState }) =>
    take(api.PUT('/api/v1/nextpanel/servers/{server_id}/status', { params: { path: { server_id: id } }, body: { status } })),
  )
}
