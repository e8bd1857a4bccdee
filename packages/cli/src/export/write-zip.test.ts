import { spawnSync } from 'node:child_process';
import { expect, test } from '@jest/globals';

test('a file that cannot be made is an error to catch, also while the first bytes are still awaited', () => {
  const program = `
    const { writeZip } = await import(${JSON.stringify(new URL('write-zip.ts', import.meta.url).href)});
    const late = () => new Promise((resolve) => setTimeout(resolve, 50, Buffer.from('late')));
    try {
      await writeZip('/nonexistent/out.zip', [{ name: 'a', bytes: late }]);
    } catch (error) {
      console.log('caught', error.code);
    }`;
  const { stdout, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  expect({ stdout, status }).toEqual({ stdout: 'caught ENOENT\n', status: 0 });
});
