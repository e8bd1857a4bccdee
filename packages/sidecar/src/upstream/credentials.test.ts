import { describe, expect, test } from '@jest/globals';
import type { UpstreamSpec } from '@tachograph/protocol';
import { createCredentials, type CredentialSettings, type Credentials } from './credentials.ts';

const spec: UpstreamSpec = { header: 'X-Api-Key', secret: { name: 'crm', key: 'token' } };
const mounted = { name: 'crm', key: 'token' };

interface Running {
  readonly credentials: Credentials;
  text: string | undefined;
  nowNs: number;
  reads: number;
}

function run(settings: Partial<CredentialSettings> = {}, text?: string): Running {
  const running: Running = {
    text,
    nowNs: 0,
    reads: 0,
    credentials: createCredentials({
      settings: { file: '/run/credential', mounted, ...settings },
      clock: { nowMs: () => 0, monotonicNs: () => running.nowNs },
      readFile: () => {
        running.reads += 1;
        if (running.text === undefined) throw new Error('ENOENT');
        return running.text;
      },
    }),
  };
  return running;
}

const reasonOf = (credentials: Credentials, asked: UpstreamSpec = spec): string | undefined => {
  const credential = credentials.of(asked);
  return credential.kind === 'missing' ? credential.reason : undefined;
};

describe('the credential towards the server', () => {
  test('is the file’s text without its last line break, after the prefix', () => {
    const { credentials } = run({}, 'sk-0123456789\n');
    expect(credentials.of(spec)).toEqual({ kind: 'usable', header: 'X-Api-Key', value: 'sk-0123456789' });
    expect(credentials.of({ ...spec, prefix: 'Bearer ' })).toMatchObject({ value: 'Bearer sk-0123456789' });
    expect(credentials.values()).toEqual(['sk-0123456789']);
  });

  test('is read again after a second; earlier values stay hidden', () => {
    const running = run({}, 'first-value');
    running.credentials.of(spec);
    running.text = 'second-value';
    running.nowNs = 0.9e9;
    expect(running.credentials.of(spec)).toMatchObject({ value: 'first-value' });
    expect(running.reads).toBe(1);
    running.nowNs = 1e9;
    expect(running.credentials.of(spec)).toMatchObject({ value: 'second-value' });
    expect(running.credentials.values()).toEqual(['second-value', 'first-value']);
  });

  test('is missing once its file is gone, and there again with it', () => {
    const running = run({}, 'first-value');
    running.credentials.of(spec);
    running.text = undefined;
    running.nowNs = 1e9;
    expect(reasonOf(running.credentials)).toBe('key token of Secret crm is not there, or empty');
    running.text = 'first-value';
    running.nowNs = 2e9;
    expect(reasonOf(running.credentials)).toBeUndefined();
  });

  test.each(['short', 'two\nlines-of-text', 'caf\u00e9-with-accent', 'x'.repeat(8193), ' leading-space'])(
    'is refused where it is no header value: %j',
    (text) => {
      expect(reasonOf(run({}, text).credentials)).toContain('is no header value');
    },
  );

  test('is missing in a pod that is older than the policy, or mounts another Secret', () => {
    expect(reasonOf(run({ file: undefined, mounted: undefined }).credentials)).toContain('restart it');
    const other = { ...spec, secret: { name: 'erp', key: 'token' } };
    expect(reasonOf(run({}, 'first-value').credentials, other)).toBe(
      'key token of Secret crm is mounted, but the policy names token of erp: restart the pod',
    );
    expect(reasonOf(run({ mounted: undefined }, 'first-value').credentials, other)).toBeUndefined();
  });

  test('never stands in a reason', () => {
    const reasons = [run({}, 'bad\nvalue-0123').credentials, run({}, 'x1y2z').credentials].map((it) => reasonOf(it));
    expect(reasons.join('\n')).not.toMatch(/value-0123|x1y2z/);
  });
});
