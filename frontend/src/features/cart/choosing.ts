import type { Schemas } from '@/api/client'
import type { HostingItem } from '.'

/** None of it, or so many: an add-on stands once in the item. */
export function chooseAddon(item: HostingItem, code: string, quantity: number): HostingItem {
  const others = (item.addons ?? []).filter((each) => each.code !== code)
  return { ...item, addons: quantity > 0 ? [...others, { code, quantity }] : others }
}

/** What says nothing is not sent: no value, or no piece. */
export function chooseOption(item: HostingItem, choice: Schemas['OptionChoiceBody']): HostingItem {
  const others = (item.options ?? []).filter((each) => each.code !== choice.code)
  return { ...item, options: choice.value || choice.quantity ? [...others, choice] : others }
}
