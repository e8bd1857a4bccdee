/** netguard: an init container that loads the rules, proves them, and ends. Exit 1 keeps the pod from starting open. */
import { createLogger, createSettingsReader, describeError, SettingsError, systemClock } from '@tachograph/service';
import { loadRules } from './netguard/load.ts';
import { prove } from './netguard/prove.ts';
import { renderRules } from './netguard/rules.ts';
import { readNetguardSettings } from './netguard/settings.ts';

const badSettings = 78;

async function main(): Promise<number> {
  const log = createLogger('netguard', 'info');
  const { rules, nonce, nftPath, deadlineMs } = readNetguardSettings(createSettingsReader(process.env));
  await loadRules(nftPath, renderRules(rules));
  const wrong = await prove({ ports: rules.ports, nonce, deadlineMs, retryMs: 200, nowMs: () => systemClock.nowMs() });
  if (wrong === undefined) {
    log.info('every MCP port leads to the sidecar', { ports: rules.ports.join(',') });
    return 0;
  }
  log.error('an MCP port does not lead to the sidecar', { reason: wrong });
  return 1;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    createLogger('netguard', 'error').error('rules not loaded', { err: describeError(error) });
    process.exit(error instanceof SettingsError ? badSettings : 1);
  },
);
