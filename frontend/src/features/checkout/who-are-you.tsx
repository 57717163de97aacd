'use client'

import { Tabs } from '@mantine/core'
import { useTranslations } from 'next-intl'
import { LoginForm, RegisterForm } from '@/features/identity/forms'

/** New here, or known: whoever orders logs in without leaving the checkout. */
export function WhoAreYou() {
  const t = useTranslations('cart.checkout')
  const stay = () => undefined
  return (
    <Tabs defaultValue="register">
      <Tabs.List mb="md">
        <Tabs.Tab value="register">{t('new')}</Tabs.Tab>
        <Tabs.Tab value="login">{t('known')}</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="register">
        <RegisterForm onDone={stay} />
      </Tabs.Panel>
      <Tabs.Panel value="login">
        <LoginForm onDone={stay} />
      </Tabs.Panel>
    </Tabs>
  )
}
