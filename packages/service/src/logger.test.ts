import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { describeError } from './logger.ts';

const source = fileURLToPath(new URL('./logger.ts', import.meta.url));

/** What a process writes to standard output when it logs. */
function output(script: string): string {
  const code = `const { createLogger } = await import(${JSON.stringify(source)});\n${script}`;
  return execFileSync(process.execPath, ['--conditions=source', '--input-type=module', '-e', code], {
    encoding: 'utf8',
  });
}

describe('the logger', () => {
  test('writes one JSON line a message, with the fields of its children', () => {
    const line = output(
      "createLogger('sidecar', 'info').child({ stream: 's1' }).warn('spool is filling', { percent: 91 });",
    );
    expect(JSON.parse(line)).toMatchObject({
      component: 'sidecar',
      level: 'warn',
      message: 'spool is filling',
      stream: 's1',
      percent: 91,
    });
  });

  test('replaces values of fields that sound secret', () => {
    const line = output(
      "createLogger('x', 'info').info('m', { callerToken: 'eyJhbGciOi', body: 'planted-secret', pod: 'p' });",
    );
    expect(line).not.toMatch(/eyJhbGciOi|planted-secret/);
    expect(JSON.parse(line)).toMatchObject({ pod: 'p' });
  });

  test('drops lines below its level', () => {
    expect(output("createLogger('x', 'warn').info('quiet');")).toBe('');
  });
});

test('an error is described by name, code, message and cause, without its stack', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
  expect(describeError(new TypeError('no answer', { cause }))).toBe(
    'TypeError: no answer: Error (ECONNREFUSED): refused',
  );
});
