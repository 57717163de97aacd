import { type CSSVariablesResolver, createTheme, type MantineThemeOverride } from '@mantine/core'
import { palette } from './palette'

/** Their head is no banner of the page. */
const DIALOG = { defaultProps: { attributes: { header: { role: 'none' } } } }

/** Cards and menus (6) lie a step above the ground, so that lines and fields on them can be seen; the rest is Mantine's. */
const DARK = ['#c9c9c9', '#b8b8b8', '#828282', '#696969', '#424242', '#3b3b3b', '#1b1e22', '#242424', '#1f1f1f', '#141414'] as const

export function themeFor(accent: string): MantineThemeOverride {
  return createTheme({
    colors: { brand: palette(accent), dark: DARK },
    primaryColor: 'brand',
    primaryShade: { light: 7, dark: 7 },
    fontFamily: "'Inter Variable', system-ui, -apple-system, 'Segoe UI', sans-serif",
    fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace',
    headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
    defaultRadius: 'md',
    radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
    cursorType: 'pointer',
    respectReducedMotion: true,
    components: {
      Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } },
      TextInput: { defaultProps: { size: 'md' } },
      PasswordInput: { defaultProps: { size: 'md' } },
      Select: { defaultProps: { size: 'md' } },
      Button: { defaultProps: { size: 'md' } },
      Modal: DIALOG,
      Drawer: DIALOG,
    },
  })
}

/** The default tokens miss AA: these have at least 4.5:1 on the grounds where they are used. */
export const aaTokens: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#565e66',
    '--mantine-color-placeholder': '#6a727a',
    '--mantine-color-error': '#b42318',
    '--mantine-color-anchor': 'var(--mantine-color-brand-7)',
    '--mantine-color-brand-light-color': 'var(--mantine-color-brand-8)',
    '--mantine-color-green-light-color': '#1b5e2b',
    '--mantine-color-orange-light-color': '#8a3b00',
    '--mantine-color-red-light-color': '#9b1c1c',
    '--mantine-color-gray-light-color': '#454d55',
    '--mantine-color-blue-light-color': '#124a86',
    '--np-ground': '#f7f8fa',
    '--np-line': '#e3e6ea',
    '--np-edge': '#adb5bd',
    '--np-good': '#1f7a37',
  },
  dark: {
    '--mantine-color-body': '#15171a',
    '--mantine-color-text': '#e4e7eb',
    '--mantine-color-dimmed': '#a3abb5',
    '--mantine-color-placeholder': '#939ba5',
    '--mantine-color-error': '#ff9a8f',
    '--mantine-color-anchor': 'var(--mantine-color-brand-3)',
    '--mantine-color-brand-light-color': 'var(--mantine-color-brand-2)',
    '--mantine-color-default': '#1d2024',
    '--mantine-color-default-hover': '#25292e',
    '--mantine-color-default-border': '#3a4048',
    '--np-ground': '#101214',
    '--np-line': '#2d3238',
    '--np-edge': '#737c87',
    '--np-good': '#6fcf87',
  },
})
