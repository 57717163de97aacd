// The standalone server leaves out what a file server could deliver; ours delivers it itself.
import { cpSync, existsSync } from 'node:fs'

cpSync('.next/static', '.next/standalone/.next/static', { recursive: true })
if (existsSync('public')) cpSync('public', '.next/standalone/public', { recursive: true })
cpSync('content', '.next/standalone/content', { recursive: true })
