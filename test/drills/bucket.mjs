// The storage emulator as drills use it: its faults and clock, and what an administrator of the bucket may do to objects.
import { until } from '../../demo/processes.mjs';

const encode = encodeURIComponent;

/** `admin` calls answer `{status, body}` and never throw for a refusal: refusals are what drills count. */
export function createBucket(endpoint, name) {
  const api = async (method, path, body) => {
    const response = await fetch(`${endpoint}${path}`, {
      method,
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: { 'content-type': 'application/json' },
    });
    const text = await response.text();
    return { status: response.status, text, body: text.startsWith('{') ? JSON.parse(text) : undefined };
  };
  const bucketPath = `/storage/v1/b/${name}`;
  const objectPath = (object) => `${bucketPath}/o/${encode(object)}`;

  const fault = async (value) => {
    const answer = await api('POST', '/emulator/faults', value);
    if (answer.status !== 200) throw new Error(`fault refused: ${answer.text}`);
    return answer.body;
  };
  const waiting = async () => (await api('GET', '/emulator/faults')).body.faults;
  const versions = async (prefix = '') => {
    const found = [];
    let pageToken = '';
    do {
      const { body } = await api(
        'GET',
        `${bucketPath}/o?versions=true&prefix=${encode(prefix)}&pageToken=${pageToken}`,
      );
      found.push(...(body.items ?? []));
      pageToken = encode(body.nextPageToken ?? '');
    } while (pageToken !== '');
    return found;
  };

  return {
    name,
    fault,
    waiting,
    versions,
    clearFaults: async () => api('DELETE', '/emulator/faults'),
    setClock: async (setting) => api('PUT', '/emulator/clock', setting),
    /** Waits until a fault for this prefix was met. */
    met: async (objectPrefix, kind, timeoutMs = 20_000) =>
      until(
        `a write under ${objectPrefix}`,
        async () => !(await waiting()).some((one) => one.kind === kind && one.match.objectPrefix === objectPrefix),
        timeoutMs,
      ),
    names: async (prefix) => (await versions(prefix)).filter(({ timeDeleted }) => !timeDeleted).map((one) => one.name),
    admin: {
      remove: async (object) => api('DELETE', objectPath(object)),
      removeVersion: async (object, generation) => api('DELETE', `${objectPath(object)}?generation=${generation}`),
      overwrite: async (object, text) =>
        api('POST', `/upload/storage/v1/b/${name}/o?uploadType=media&name=${encode(object)}`, text),
      patchObject: async (object, patch) => api('PATCH', objectPath(object), patch),
      patchBucket: async (patch) => api('PATCH', bucketPath, patch),
      removeBucket: async () => api('DELETE', bucketPath),
      read: async (object, generation) => {
        const response = await fetch(`${endpoint}${objectPath(object)}?alt=media&generation=${generation}`);
        return Buffer.from(await response.arrayBuffer());
      },
    },
  };
}
