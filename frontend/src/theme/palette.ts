import type { MantineColorsTuple } from '@mantine/core'

type Rgb = [number, number, number]

function parse(hex: string): Rgb {
  const found = /^#?([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(hex)
  return found ? ([1, 2, 3].map((at) => Number.parseInt(found[at] ?? '0', 16)) as Rgb) : [59, 91, 219]
}

function mix(from: Rgb, to: Rgb, part: number): Rgb {
  return from.map((value, at) => Math.round(value + ((to[at] ?? 0) - value) * part)) as Rgb
}

function luminance(color: Rgb): number {
  const [r, g, b] = color.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

const WHITE: Rgb = [255, 255, 255]
const BLACK: Rgb = [0, 0, 0]
/** Above WCAG's 4.5, for the text is also set on grounds that are not quite white. */
const ENOUGH = 5.4

function hex(color: Rgb): string {
  return `#${color.map((value) => value.toString(16).padStart(2, '0')).join('')}`
}

/** Ten shades of the shop's color. Shade 7 bears white text whatever color was chosen. */
export function palette(accent: string): MantineColorsTuple {
  let strong = parse(accent)
  while (1.05 / (luminance(strong) + 0.05) < ENOUGH) strong = mix(strong, BLACK, 0.06)
  const light = [0.93, 0.84, 0.7, 0.55, 0.4, 0.25, 0.12].map((part) => hex(mix(strong, WHITE, part)))
  return [...light, hex(strong), hex(mix(strong, BLACK, 0.16)), hex(mix(strong, BLACK, 0.32))] as unknown as MantineColorsTuple
}
