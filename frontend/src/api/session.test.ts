import { beforeEach, describe, expect, it, vi } from 'vitest'
import { hasSessionHint, refreshSession, sendAgain, sessionHint } from './session'
import { forgetVisitor, onSessionEnd } from './session-end'

/** A server that knows one good session at a time, as the API does. */
class Server {
  refreshes = 0
  alive = true
  /** What the refresh is answered with, whatever holds of the session. */
  troubled: number | null = null

  answer = async (input: RequestInfo | URL) => {
    if (String(input instanceof Request ? input.url : input).endsWith('/refresh')) {
      this.refreshes += 1
      await Promise.resolve()
      if (this.alive && this.troubled === null) hint(String(this.refreshes + 1))
      return new Response(null, { status: this.troubled ?? (this.alive ? 204 : 401) })
    }
    return new Response(null, { status: this.alive ? 200 : 401 })
  }
}

function hint(word: string): void {
  // biome-ignore lint/suspicious/noDocumentCookie: the test's way to be logged in
  document.cookie = `np_session=${word}`
}

let server: Server

beforeEach(() => {
  server = new Server()
  vi.stubGlobal('fetch', server.answer)
  localStorage.clear()
  sessionStorage.clear()
  hint('1')
})

const refused = () => new Response(null, { status: 401 })
const again = () => new Request('http://portal.invalid/api/v1/orders')

describe('the refresh of a session', () => {
  it('is one for all requests that were refused meanwhile', async () => {
    expect(await Promise.all([1, 2, 3].map(() => refreshSession('1')))).toEqual([true, true, true])
    expect(server.refreshes).toBe(1)
  })

  it('is not needed where another tab has refreshed since the request was sent', async () => {
    hint('2')
    expect((await sendAgain(refused(), again(), '1')).status).toBe(200)
    expect(server.refreshes).toBe(0)
  })

  it('happens once more for a request that was sent after the last one', async () => {
    expect([await refreshSession('1'), await refreshSession(sessionHint())]).toEqual([true, true])
    expect(server.refreshes).toBe(2)
  })

  it('is not tried where another tab has logged out meanwhile', async () => {
    hint('; max-age=0')
    expect([await refreshSession('1'), server.refreshes]).toEqual([false, 0])
  })
})

describe('the end of a session', () => {
  it('is told where the refresh is refused, and the first refusal stands', async () => {
    const ended = vi.fn()
    const off = onSessionEnd(ended)
    server.alive = false
    expect((await sendAgain(refused(), again(), '1')).status).toBe(401)
    expect(ended).toHaveBeenCalledTimes(1)
    off()
  })

  it('is not told where the network fails: nobody said that it is over', async () => {
    const ended = vi.fn()
    const off = onSessionEnd(ended)
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')))
    await expect(sendAgain(refused(), again(), '1')).rejects.toThrow()
    expect(ended).not.toHaveBeenCalled()
    off()
  })

  it.each([429, 500, 502, 503])('is not told where the refresh is answered with %i, and the next request may be luckier', async (status) => {
    const ended = vi.fn()
    const off = onSessionEnd(ended)
    server.troubled = status
    await expect(sendAgain(refused(), again(), '1')).rejects.toThrow()
    expect([ended.mock.calls.length, sessionHint()]).toEqual([0, '1'])
    server.troubled = null
    expect((await sendAgain(refused(), again(), '1')).status).toBe(200)
    expect(ended).not.toHaveBeenCalled()
    off()
  })

  it.each([401, 403])('is told where the refresh is answered with %i', async (status) => {
    const ended = vi.fn()
    const off = onSessionEnd(ended)
    server.troubled = status
    expect((await sendAgain(refused(), again(), '1')).status).toBe(401)
    expect(ended).toHaveBeenCalledTimes(1)
    off()
  })

  it('reaches a page as nobody being there, which is tried again', async () => {
    const { api, Problem, take } = await import('./client')
    vi.stubGlobal('fetch', (input: RequestInfo | URL) =>
      Promise.resolve(new Response(null, { status: String(input instanceof Request ? input.url : input).endsWith('/refresh') ? 503 : 401 })),
    )
    const problem = await take(api.GET('/api/v1/auth/me')).catch((error) => error)
    expect(problem).toBeInstanceOf(Problem)
    expect(problem.status).toBe(0)
  })

  it('leaves nothing of the visitor behind', () => {
    sessionStorage.setItem('np_draft:details', '{}')
    sessionStorage.setItem('np_order_key', '{}')
    localStorage.setItem('np_cart', '[]')
    localStorage.setItem('mantine-color-scheme-value', 'dark')
    forgetVisitor()
    expect([sessionStorage.length, localStorage.getItem('np_cart')]).toEqual([0, null])
    expect(localStorage.getItem('mantine-color-scheme-value')).toBe('dark')
    expect(hasSessionHint()).toBe(true)
  })
})
