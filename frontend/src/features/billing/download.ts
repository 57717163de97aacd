import { api, Problem, problemOf } from '@/api/client'

/** The name that the API gave a file; else the last part of its path. */
export function nameOf(disposition: string | null, path: string): string {
  return disposition?.match(/filename="([^"]+)"/)?.[1] ?? path.split('?')[0]?.split('/').at(-1) ?? 'document'
}

/** By the client that renews a session that has run out: a plain link would save the refusal as a file. Throws a `Problem`. */
export async function downloadFile(path: string): Promise<void> {
  const answer = await api.GET(path as '/api/v1/invoices/{invoice_id}/pdf', { parseAs: 'blob' } as never).catch(() => null)
  if (!answer) throw new Problem(0, 'unreachable', '')
  const { response, data, error } = answer as { response: Response; data?: Blob; error?: unknown }
  if (!data) throw await problemOf(response, error)
  const address = URL.createObjectURL(data)
  const link = document.createElement('a')
  link.href = address
  link.download = nameOf(response.headers.get('content-disposition'), path)
  link.click()
  URL.revokeObjectURL(address)
}
