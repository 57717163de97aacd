export { ME, useLogin, useLogout, useMe } from './session'
export { useKnown } from './use-known'
