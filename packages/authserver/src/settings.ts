/** The company's identity provider, of which the auth server is one confidential client. */
export interface UpstreamSettings {
  /** Issuer URL, read by discovery. */
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Default `openid profile email`. */
  readonly scopes: readonly string[];
  /** Claim of the id token that is the person's subject; `sub` by default. */
  readonly subjectClaim: string;
  /** Claim that holds groups; `groups` by default. */
  readonly groupsClaim: string;
  /** Globs (`*` only) of groups that are kept; empty keeps all. */
  readonly groups: readonly string[];
  /** What happens to a person whose groups did not fit into the provider's token (Entra's overage). */
  readonly overage: 'refuse' | 'drop';
  /** PEM certificates to trust for the provider beside the system's. */
  readonly ca?: string;
}

/** Client-id metadata documents: whose are fetched. */
export interface ClientMetadataSettings {
  readonly enabled: boolean;
  /** Globs over the host, with its port where that is not 443; `*` stands for any characters of one label. */
  readonly allow: readonly string[];
}

/** Lifetimes in seconds. */
export interface LifetimeSettings {
  readonly accessSeconds: number;
  readonly refreshSeconds: number;
  /** A registered client that nobody uses for so long is forgotten. */
  readonly clientSeconds: number;
  readonly interactionSeconds: number;
}

/** What the installation decides about logins. */
export interface AuthSettings {
  readonly cluster: string;
  /** Origin of the ingress, when there is one: `https://login.corp.example`. */
  readonly publicUrl?: string;
  readonly upstream: UpstreamSettings;
  /** Redirects beside loopback ones: custom schemes (`cursor:`), https URLs (`https://vscode.dev/redirect`) and https origins, for every path of theirs (`https://claude.ai`). */
  readonly redirects: readonly string[];
  /**
   * Host names (`*.suffix` too) under which workloads are reached beside loopback ones, their namespace's Services and the
   * auth server's own: resources there are accepted.
   */
  readonly resourceHosts?: readonly string[];
  readonly clientMetadata: ClientMetadataSettings;
  readonly lifetimes: LifetimeSettings;
}

/** Lifetimes when nothing else is said: 5 minutes, 12 hours, 90 days, 10 minutes. */
export const defaultLifetimes: LifetimeSettings = {
  accessSeconds: 300,
  refreshSeconds: 12 * 3600,
  clientSeconds: 90 * 86_400,
  interactionSeconds: 600,
};
