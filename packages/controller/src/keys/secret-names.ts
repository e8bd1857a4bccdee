/** Secrets of the system namespace, or files of the state directory. Only the sequencer's service account reads the log key. */
export const secretNames = {
  trustRoot: 'tachograph-trust-root',
  bundleKey: 'tachograph-bundle-key',
  logKey: 'tachograph-log-key',
  servingAuthority: 'tachograph-serving-authority',
  bundleVersions: 'tachograph-bundle-versions',
} as const;
