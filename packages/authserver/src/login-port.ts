import type { IncomingMessage, ServerResponse } from 'node:http';
import type { WorkloadRef } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { AuthSite } from './auth-site.ts';
import type { AuthSettings } from './settings.ts';

/** Who logged in, as the company's provider says and the settings map it. */
export interface Person {
  /** `sub` of every token for this person. */
  readonly subject: string;
  /** Issuer that vouched: `upstream_iss`. */
  readonly upstreamIssuer: string;
  /** At most 200, each at most 256 characters. */
  readonly groups: readonly string[];
  /** The groups did not fit and the settings let the person in all the same: `groups` is empty and says nothing. */
  readonly groupsUnknown?: true;
  readonly email?: string;
  readonly preferredUsername?: string;
  readonly name?: string;
}

/** The client as the consent page must show it. Everything is the client's own word, but `id` and the redirect. */
export interface LoginClient {
  readonly id: string;
  /** `metadata`: its id is the https URL of its document. */
  readonly kind: 'registered' | 'metadata';
  readonly name?: string;
  readonly uri?: string;
}

/** One login in progress, reached by the browser that began it (its cookie was checked). */
export interface LoginVisit {
  readonly site: AuthSite & { readonly workload: WorkloadRef };
  readonly uid: string;
  /** Path of the visit: `/as/<ns>/<wl>/interaction/<uid>`; links and forms stay below it, where its cookie is sent. */
  readonly path: string;
  /** What follows `path`: `''` or `/…`, without the query. */
  readonly rest: string;
  readonly client: LoginClient;
  readonly redirectUri: string;
  /** The resource that the client asked for: the URL that the person typed into it. */
  readonly resource: string;
  readonly scopes: readonly string[];
  /** When the interaction ends by itself. */
  readonly expiresAtMs: number;
  /** Ends the visit: remembers the person, grants what was asked and sends the browser on (303). Answers the response. */
  finish(person: Person): Promise<void>;
  /** Ends the visit with an OAuth error (`access_denied`) at the client's redirect. Answers the response. */
  refuse(description: string): Promise<void>;
}

/** What the login's part gets from the auth server. Values are sealed and bound to their names before any store sees them. */
export interface LoginMemory {
  /** The value, or `undefined` when there is none or its time is over. */
  read(kind: string, id: string): Promise<string | undefined>;
  write(kind: string, id: string, value: { readonly text: string; readonly expiresAtMs: number }): Promise<void>;
  /** Reads and removes: of all callers on all replicas at most one gets the value. */
  take(kind: string, id: string): Promise<string | undefined>;
}

/** The pages between `/auth` and the client's redirect: consent, then the company's login. */
export interface Login {
  /** Answers everything at and below `visit.path`. */
  visit(request: IncomingMessage, response: ServerResponse, visit: LoginVisit): Promise<void>;
  /**
   * Answers `GET /as/callback`, where the company's provider sends browsers back. On an origin that is no page origin it
   * renders nothing: 303 to the same path and query on `site.pageOrigin`. There it finds the visit by `state` and answers
   * 303 below that visit's path, where the browser proves by its cookie that it began it.
   */
  callback(request: IncomingMessage, response: ServerResponse, site: AuthSite): Promise<void>;
}

/** Arguments of `createLogin` in `login/`. */
export interface LoginOptions {
  readonly settings: AuthSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly memory: LoginMemory;
}
