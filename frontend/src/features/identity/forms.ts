// Apart from the index, which stands in every page's head: these bring fields and buttons along.
export { ConfirmAddress } from './confirm-address'
export { LoginForm } from './login'
export { RegisterForm } from './register'
