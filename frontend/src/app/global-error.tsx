'use client'

import { useSyncExternalStore } from 'react'
import de from '../../messages/de/broken.json'
import en from '../../messages/en/broken.json'

const never = () => () => undefined
const isGerman = () =>
  /(?:^|;\s*)np_locale=de/.test(document.cookie) || (!document.cookie.includes('np_locale=') && navigator.language.startsWith('de'))

/** The frame itself broke: neither theme nor language is there, so both are brought along. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  const german = useSyncExternalStore(never, isGerman, () => false)
  const words = german ? de : en
  return (
    <html lang={german ? 'de' : 'en'}>
      <body>
        <title>{words.title}</title>
        <main
          style={{
            maxWidth: 480,
            margin: '96px auto',
            padding: '0 24px',
            fontFamily: 'system-ui, sans-serif',
            lineHeight: 1.5,
            colorScheme: 'light dark',
          }}
        >
          <h1>{words.title}</h1>
          <p>{words.text}</p>
          <button type="button" onClick={reset} style={{ font: 'inherit', padding: '10px 18px' }}>
            {words.again}
          </button>
        </main>
      </body>
    </html>
  )
}
