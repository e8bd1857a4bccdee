import { expect, test } from '@jest/globals';
import { withoutRecording } from './recording-off.ts';
import { createMemoryRecorder } from './testing/memory-recorder.ts';

test('with recording off nothing is appended, but a recorder that refuses still refuses', async () => {
  const recorder = createMemoryRecorder();
  const off = withoutRecording(recorder);
  await off.append({ kind: 'mcp.request' });
  const key = { iss: '', sub: 'a', clientId: '', clientName: '' };
  expect(await off.session(key, {})).toBe(await off.session(key, {}));
  await off.closeSession('s', 'delete');
  expect(recorder.drafts).toEqual([]);
  recorder.refuses = 'closed';
  expect(off.refusal()).toBe('closed');
  expect(off.digest('x')).toBe(recorder.digest('x'));
});
