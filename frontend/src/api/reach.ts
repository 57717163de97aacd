/** Whether the API answered when it was asked last. */
let reached = true
const listeners = new Set<() => void>()

export function setReached(now: boolean): void {
  if (reached === now) return
  reached = now
  for (const listener of listeners) listener()
}

export function isReached(): boolean {
  return reached
}

export function onReach(listener: () => void): () => void {
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
  }
}
