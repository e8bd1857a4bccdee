import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WorkloadRef } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { JWK } from 'jose';
import type { AuthKeys } from './auth-keys.ts';
import type { AuthSite } from './auth-site.ts';
import type { Login } from './login-port.ts';
import type { LoginStore } from './login-store.ts';
import type { AuthSettings } from './settings.ts';

/** Whose logins may have been revoked: a person and when the login was. */
export interface LoginSubject {
  /** The stable issuer of the workload's tokens. */
  readonly iss: string;
  readonly sub: string;
  readonly issuedAtMs: number;
}

/** What sidecars of a workload accept: an entry of the signed key set. */
export interface AcceptedIssuer {
  readonly issuer: string;
  readonly subjectType: 'human';
  readonly audiences: readonly string[];
  readonly groupsClaim: 'groups';
  /** Public keys, the coming one included. */
  readonly keys: readonly JWK[];
}

export interface AuthServerOptions {
  readonly settings: AuthSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly store: LoginStore;
  /** Asked at every request, so that rotation needs no restart; must be cheap. */
  readonly keys: () => AuthKeys;
  /** Asked before a refresh token is honoured. */
  readonly isRevoked: (subject: LoginSubject) => boolean;
  /** The pages; by default those of `login/`. */
  readonly login?: Login;
}

/** One OAuth 2.1 issuer per workload and origin, all on one store. Any replica answers any request. */
export interface AuthServer {
  /** Answers a request under `/as` or of the two well-known forms. `site` must come from checked facts. */
  handle(request: IncomingMessage, response: ServerResponse, site: AuthSite): void;
  issuerOf(workload: WorkloadRef): AcceptedIssuer;
}
