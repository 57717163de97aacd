import { api, take } from '@/api/client'

const PATIENCE = 20
const PAUSE = 500

/** The address of the payment page; while it is being opened we ask again, for the same attempt answers. */
export async function payOrder(orderId: string): Promise<string | null> {
  for (let round = 0; round < PATIENCE; round += 1) {
    const intent = await take(
      api.POST('/api/v1/orders/{order_id}/pay', { params: { path: { order_id: orderId } }, body: { return_path: `/orders/${orderId}` } }),
    )
    if (intent.checkout_url) return intent.checkout_url
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
  return null
}
