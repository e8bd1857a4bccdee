// What bench/masking.mjs measures: each contender loads itself and gives `mask(corpus)`.
import { createHmac, hash } from 'node:crypto';
import { inflateRawSync } from 'node:zlib';

const nodeCrypto = {
  sha256: (text) => hash('sha256', text),
  hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
  inflate: (bytes, maxBytes) => {
    try {
      return inflateRawSync(bytes, { maxOutputLength: maxBytes });
    } catch {
      return undefined;
    }
  },
};

/** Ours, from one file as in the image; a whole message, JSON included. */
async function loadTachograph({ bundle }) {
  const { createMasker } = await import(bundle);
  const masker = createMasker({}, nodeCrypto);
  return ({ json }) => {
    const result = masker.maskJson(json);
    if (result.kind === 'refused') throw new Error(`refused: ${result.reason}`);
    return result.kind === 'masked' ? result.record.hits : 0;
  };
}

async function loadRedactPii() {
  const { default: redactPii } = await import('redact-pii');
  const redactor = new redactPii.SyncRedactor();
  return ({ text }) => redactor.redact(text).length;
}

async function loadSecretlint() {
  const { lintSource } = await import('@secretlint/core');
  const { creator } = await import('@secretlint/secretlint-rule-preset-recommend');
  const config = { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] };
  return async ({ text }) => {
    const source = { filePath: '/text.txt', content: text, contentType: 'text' };
    const { messages } = await lintSource({ source, options: { config } });
    return messages.length;
  };
}

/** Our rules for marked tokens as V8 regular expressions over the whole text, without keywords. */
async function loadRegExp() {
  const { tokenRuleLines } = await import('../packages/masking/src/rules/token-rules.ts');
  const patterns = tokenRuleLines
    .trim()
    .split('\n')
    .map((line) => toRegExp(line.split('\t')[6] ?? ''));
  return ({ text }) => {
    let hits = 0;
    for (const pattern of patterns) hits += text.match(pattern)?.length ?? 0;
    return hits;
  };
}

/** The rules' own signs for borders, in the words of a regular expression. */
function toRegExp(pattern) {
  const native = pattern
    .replaceAll('\\<', '(?<!\\w)')
    .replaceAll('\\>', '(?![\\w+/=-])')
    .replaceAll('\\=', `[\\w.\\-]{0,50}?[ \\t]{0,8}['"]?[ \\t]{0,4}(?:=>|:=|[=:]|,)[ \\t]{0,8}['"]?`)
    .replaceAll('\\;', `(?=[\\s'"\`;,)}\\]<&\\\\|]|$)`);
  return new RegExp(native, 'g');
}

/** Parses the messages and does nothing: what any process that reads them holds. */
async function loadBare() {
  return async ({ json }) => Object.keys(JSON.parse(json)).length;
}

export const contenders = {
  tachograph: loadTachograph,
  'redact-pii': loadRedactPii,
  '@secretlint preset-recommend': loadSecretlint,
  'V8 RegExp, token rules only': loadRegExp,
  bare: loadBare,
};
