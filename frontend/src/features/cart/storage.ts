'use client'

const listeners = new Set<() => void>()

/** Hears of changes in this tab and in others. */
export function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

export function tell(): void {
  for (const listener of listeners) listener()
}

/** An empty text is not kept. */
export function keep(key: string, text: string): void {
  if (text) localStorage.setItem(key, text)
  else localStorage.removeItem(key)
  tell()
}
