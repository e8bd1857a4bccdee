// Node strips the types; positions stay exact, so no source maps are needed. Bump `v1` when this changes.
import { createHash } from 'node:crypto';
import { stripTypeScriptTypes } from 'node:module';

export default {
  getCacheKey: (source, path, { instrument, configString }) =>
    createHash('sha256')
      .update(['v1', process.version, path, String(instrument), configString, source].join('\0'))
      .digest('hex'),
  process: (source) => ({ code: stripTypeScriptTypes(source) }),
};
