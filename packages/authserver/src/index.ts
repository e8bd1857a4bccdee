export { type AcceptedIssuer, type AuthServer, type AuthServerOptions, type LoginSubject } from './app.ts';
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
export { type LoginEntry, type LoginIndex, type LoginStore, type NewLoginEntry } from './login-store.ts';
export {
  defaultLifetimes,
  type AuthSettings,
  type ClientMetadataSettings,
  type LifetimeSettings,
  type UpstreamSettings,
} from './settings.ts';
