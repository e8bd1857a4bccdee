import { describe, expect, test } from '@jest/globals';
import { createSettingsReader } from '@tachograph/service';
import { renderRules } from './rules.ts';
import { readNetguardSettings } from './settings.ts';

describe('redirect rules', () => {
  test('for two ports are these', () => {
    expect(renderRules({ ports: [8080, 9090], sidecarUid: 20_001, hostUid: 0 })).toBe(`table inet tachograph
delete table inet tachograph
table inet tachograph {
  chain pre {
    type nat hook prerouting priority -90; policy accept;
    tcp dport 8080 redirect to :15001
    tcp dport 9090 redirect to :15011
  }
  chain out {
    type nat hook output priority -100; policy accept;
    meta skuid 20001 return
    fib daddr type local tcp dport 8080 meta skuid 0 redirect to :15002
    fib daddr type local tcp dport 8080 redirect to :15003
    fib daddr type local tcp dport 9090 meta skuid 0 redirect to :15012
    fib daddr type local tcp dport 9090 redirect to :15013
  }
  chain stamp {
    type filter hook output priority -150; policy accept;
    meta skuid 20001 fib daddr type local tcp dport 8080 ct mark set 0x6d6370
    meta skuid 20001 fib daddr type local tcp dport 9090 ct mark set 0x6d6370
  }
  chain guard {
    type filter hook input priority 0; policy accept;
    tcp dport 8080 ct mark != 0x6d6370 counter reject with tcp reset
    tcp dport 9090 ct mark != 0x6d6370 counter reject with tcp reset
    tcp dport 15001-15099 ct status and dnat == 0 counter reject with tcp reset
  }
}
`);
  });

  test('name the user of port-forwards where the pod has users of its own', () => {
    expect(renderRules({ ports: [80], sidecarUid: 1, hostUid: 65_534 })).toContain(
      'dport 80 meta skuid 65534 redirect to :15002',
    );
  });
});

describe('settings', () => {
  const good = { TACHO_PORTS: '8080,9090', TACHO_UID: '20001', TACHO_NONCE: 'n' };

  test('are what the webhook writes', () => {
    expect(readNetguardSettings(createSettingsReader({ ...good, TACHO_HOST_UID: '65534' }))).toMatchObject({
      rules: { ports: [8080, 9090], sidecarUid: 20_001, hostUid: 65_534 },
      nonce: 'n',
      nftPath: '/usr/sbin/nft',
    });
  });

  test.each([
    ['no ports', { TACHO_PORTS: '' }],
    ['a port of ours', { TACHO_PORTS: '15001' }],
    ['a port twice', { TACHO_PORTS: '80,80' }],
    ['text that would be a rule', { TACHO_PORTS: '80 accept' }],
    ['no user', { TACHO_UID: '' }],
    ['the user of everybody', { TACHO_UID: '0' }],
    ['no nonce', { TACHO_NONCE: '' }],
  ])('are refused with %s', (_name, change) => {
    expect(() => readNetguardSettings(createSettingsReader({ ...good, ...change }))).toThrow(/^setting TACHO_/);
  });
});
