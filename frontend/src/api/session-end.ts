const GONE_AT = 'np_gone_at'
const WHO = 'np_who'
const OURS = /^np_(?!locale)/

const listeners = new Set<() => void>()

/** Tells the page that its session is over, before anything is taken off the screen. */
export function announceEnd(): void {
  for (const listener of listeners) listener()
}

export function onSessionEnd(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}

/** Whoever comes to this browser next finds nothing of the one who left; the other tabs learn of it. */
export function forgetVisitor(): void {
  for (const store of [sessionStorage, localStorage]) {
    for (const key of Object.keys(store)) if (OURS.test(key)) store.removeItem(key)
  }
  localStorage.setItem(GONE_AT, String(Date.now()))
}

/** Calls back when somebody logs out in another tab. */
export function onLeaveElsewhere(listener: () => void): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key === GONE_AT && event.newValue) listener()
  }
  window.addEventListener('storage', heard)
  return () => window.removeEventListener('storage', heard)
}

/** Tells the other tabs whose login this browser has now. */
export function announceLogin(id: string): void {
  localStorage.setItem(WHO, id)
}

/** Calls back with the login that took the place of another one, or of none, in another tab. */
export function onLoginElsewhere(listener: (id: string, former: string | null) => void): () => void {
  const heard = (event: StorageEvent) => {
    if (event.key === WHO && event.newValue) listener(event.newValue, event.oldValue)
  }
  window.addEventListener('storage', heard)
  return () => window.removeEventListener('storage', heard)
}
