import { FirstLogin } from '@/features/hosting/first-login'

export default async function Page({ params }: { params: Promise<{ token: string }> }) {
  return <FirstLogin token={(await params).token} />
}
