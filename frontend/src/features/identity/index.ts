export { ME, useLogin, useLogout, useMe } from './session'
