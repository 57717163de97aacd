import type { NextConfig } from 'next'
import createNextIntlPlugin from 'next-intl/plugin'

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  poweredByHeader: false,
  // The API has addresses that end in a slash; a redirect of ours would take it away before proxy.ts sees it.
  skipTrailingSlashRedirect: true,
  images: { unoptimized: true },
  outputFileTracingExcludes: { '*': ['node_modules/@img/**', 'node_modules/sharp/**'] },
  outputFileTracingIncludes: { '/legal/[slug]': ['./content/**/*'] },
  experimental: { optimizePackageImports: ['@mantine/core', '@mantine/hooks', '@tabler/icons-react'], useTypeScriptCli: true },
}

export default createNextIntlPlugin('./src/i18n/request.ts')(config)
