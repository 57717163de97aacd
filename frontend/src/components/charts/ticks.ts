const LINES = 4

/** Round whole numbers from nothing up to at least this much. */
export function ticksTo(top: number): number[] {
  const rough = Math.max(1, top / LINES)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? rough
  return Array.from({ length: Math.ceil(top / step) + 1 }, (_, at) => at * step)
}
