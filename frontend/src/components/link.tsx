'use client'

// Server components cannot hand next/link itself to a client component's `component`.
import Link from 'next/link'

export default Link
