/** `TACHO_OFF=masking`: messages are read, on this thread, and nothing is masked. */
import { hash } from 'node:crypto';
import { decodeUtf8 } from '@tachograph/protocol';
import type { MaskerPort } from '../call/ports.ts';
import { readLongRequest } from './long-request.ts';
import { summaryOf } from './message-content.ts';

export const noMasker: MaskerPort = {
  rulesHash: 'off',
  maskShort: () => ({ kind: 'clean' }),
  maskJson: () => ({ kind: 'clean' }),
  maskText: () => ({ kind: 'clean' }),
  readLong: async (text) => summaryOf(text),
  readAnswer: async (body) => {
    const text = decodeUtf8(body.buffer);
    return text === undefined ? { kind: 'refused', reason: 'not_utf8' } : summaryOf(text);
  },
  readRequest: async (body, wants) => readLongRequest(body.buffer, wants),
  maskBytes: async (_form, body) => ({ kind: 'long-clean', sha256: hash('sha256', body.buffer, 'hex') }),
};
