/** Secrets of the system namespace, or files of the state directory. Only the sequencer's service account reads the log key, only the controller's the trust root. */
export const secretNames = {
  /** No private key in it: the injector and `tacho trust export` read it. */
  trust: 'tachograph-trust',
  trustRoot: 'tachograph-trust-root',
  bundleKey: 'tachograph-bundle-key',
  logKey: 'tachograph-log-key',
  servingAuthority: 'tachograph-serving-authority',
  bundleVersions: 'tachograph-bundle-versions',
  approvalKey: 'tachograph-approval-key',
  sessionKeyWrap: 'tachograph-session-key-wrap',
  authKeys: 'tachograph-auth-keys',
  /** No secret: whose tokens no longer hold. */
  revocations: 'tachograph-revocations',
  /** No secrets, but what the controller may write and replace: how far each sink has delivered. */
  sinkOtlp: 'tachograph-sink-otlp',
  sinkWebhook: 'tachograph-sink-webhook',
} as const;
