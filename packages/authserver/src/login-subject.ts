/** Whose logins may have been revoked: a person and when the login was. */
export interface LoginSubject {
  /** The stable issuer of the workload's tokens. */
  readonly iss: string;
  readonly sub: string;
  readonly issuedAtMs: number;
}
