export { createAuthServer, type AcceptedIssuer, type AuthServer, type AuthServerOptions } from './app.ts';
export { type AuthKeys, type SigningKey } from './auth-keys.ts';
export { mountPath, parseAuthPath, type AuthPath, type AuthSite } from './auth-site.ts';
export {
  type Login,
  type LoginClient,
  type LoginMemory,
  type LoginOptions,
  type LoginVisit,
  type Person,
} from './login-port.ts';
export { type LoginSubject } from './login-subject.ts';
export { type LoginEntry, type LoginIndex, type LoginStore, type NewLoginEntry } from './login-store.ts';
export {
  defaultLifetimes,
  type AuthSettings,
  type ClientMetadataSettings,
  type LifetimeSettings,
  type UpstreamSettings,
} from './settings.ts';
export { createSigningJwk } from './signing-keys.ts';
export { createGuardedFetch, GuardedFetchError, type GuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts';
