/**
 * Recall of values in texts that stand wrapped in other encodings, beside that of the same texts plain:
 * node --conditions=source test/masking/wrapped.mjs [--limit N] [--misses N] [--wrap NAME]
 * The texts are planted secrets, and where TACHO_DATA has them the labelled snippets and the texts with personal data. A
 * value counts as found where the unwrapped answer holds it less often than the text did. Exits with 1 where a wrap is
 * more than two points below plain (`masking.md` §6, R4).
 */
import { createHash, createHmac } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gzipSync, unzipSync } from 'node:zlib';
import { createMasker } from '../../packages/masking/src/index.ts';
import { plantedTexts } from './planted-texts.mjs';
import { readSecrets } from './secrets-data.mjs';

const { values: options } = parseArgs({
  options: {
    limit: { type: 'string', default: '100000' },
    misses: { type: 'string', default: '0' },
    wrap: { type: 'string', default: '' },
  },
});
const allowedPoints = 2;
const masker = createMasker(
  {},
  {
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    hmacSha256: (key, text) => createHmac('sha256', key).update(text).digest('hex'),
    inflate: (bytes, maxBytes) => {
      try {
        return unzipSync(bytes, { maxOutputLength: maxBytes });
      } catch {
        return undefined;
      }
    },
  },
);

const toolText = (text) => JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } });
const textOf = (message) => JSON.parse(message).result.content[0].text;
const event = (data) => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { data } });
const middle = ({ start, end }) => Math.floor((start + end) / 2);
const base64 = (text) => Buffer.from(text).toString('base64');
const toCell = (text) => `"${text.replaceAll('"', '""')}"`;
const csvHead = 'id,kind,body\n1,note,';
const logHead = '2026-11-21T12:00:00.123Z INFO  answered in 12 ms body=';
const zeroWidth = '\u200b';

/** Each takes a text and the place of a value, and gives back what can be read of the text after masking. */
const wraps = {
  plain: ({ text }, point) => textOf(maskedMessage(toolText(text), point)),
  'JSON in a string': ({ text }, point) =>
    JSON.parse(textOf(maskedMessage(toolText(JSON.stringify({ ok: true, output: text })), point))).output,
  base64: ({ text }, point) => fromBase64(textOf(maskedMessage(toolText(`file: ${base64(text)}`), point)).slice(6)),
  'base64 in lines': ({ text }, point) =>
    fromBase64(textOf(maskedMessage(toolText(base64(text).replaceAll(/.{76}/g, '$&\n')), point)).replaceAll('\n', '')),
  'gzip, base64': ({ text }, point) =>
    fromGzip(textOf(maskedMessage(toolText(gzipSync(text).toString('base64')), point))),
  hex: ({ text }, point) =>
    Buffer.from(textOf(maskedMessage(toolText(Buffer.from(text).toString('hex')), point)), 'hex').toString(),
  URL: ({ text }, point) => unescapeUrl(textOf(maskedMessage(toolText(encodeURIComponent(text)), point))),
  HTML: ({ text }, point) => textOf(maskedMessage(toolText(toHtml(text)), point)),
  'CSV row': ({ text }, point) =>
    textOf(maskedMessage(toolText(`${csvHead}${toCell(text)}\n2,note,"x"\n`), point)).replaceAll('""', '"'),
  'log line': ({ text }, point) =>
    fromLog(textOf(maskedMessage(toolText(`${logHead}${JSON.stringify(text)} done\n`), point))),
  'split events': (sample, point) => splitEvents(sample, point),
  'zero width': ({ text, start, end }, point) => {
    const at = middle({ start, end });
    return textOf(maskedMessage(toolText(text.slice(0, at) + zeroWidth + text.slice(at)), point)).replaceAll(
      zeroWidth,
      '',
    );
  },
};

function maskedMessage(message, point, context) {
  const result = masker.maskJson(message, context);
  if (result.kind === 'refused') throw new Error(`refused: ${result.reason}`);
  return pick(message, result, point);
}

function pick(message, result, point) {
  if (result.kind === 'clean') return message;
  return point === 'record' ? result.record.text : (result.client?.text ?? message);
}

function splitEvents({ text, start, end }, point) {
  const at = middle({ start, end });
  let before = '';
  return [text.slice(0, at), text.slice(at)]
    .map((part) => {
      const message = event(part);
      const result = masker.maskJson(message, { before });
      before = result.tail ?? '';
      return JSON.parse(pick(message, result, point)).params.data;
    })
    .join('');
}

/** What a reader could still decode: every stretch of it. */
function fromBase64(text) {
  return text.replaceAll(/[A-Za-z0-9+/=]{8,}/g, (run) => Buffer.from(run, 'base64').toString());
}

function fromGzip(text) {
  try {
    return unzipSync(Buffer.from(text, 'base64')).toString();
  } catch {
    return text;
  }
}

function unescapeUrl(text) {
  return text.replaceAll(/(?:%[0-9A-F]{2})+/gi, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString());
}

function toHtml(text) {
  const names = { '&': 'amp', '"': 'quot', "'": '#39', '<': 'lt', '>': 'gt' };
  return text.replaceAll(/[&"'<>]/g, (char) => `&${names[char]};`);
}

function fromLog(text) {
  try {
    return JSON.parse(text.slice(logHead.length, text.lastIndexOf('"') + 1));
  } catch {
    return text.slice(logHead.length);
  }
}

function count(text, value) {
  return text.split(value).length - 1;
}

function isFound(wrap, sample, point) {
  const value = sample.text.slice(sample.start, sample.end);
  const original = sample.text;
  const asHtml = wrap === 'HTML';
  const shown = wraps[wrap](sample, point);
  return asHtml
    ? count(shown, toHtml(value)) < count(toHtml(original), toHtml(value))
    : count(shown, value) < count(original, value);
}

function readPersonal() {
  const path = join(process.env.TACHO_DATA ?? '../shared/data', 'pii-dev.json');
  if (!existsSync(path)) return [];
  const structured = new Set(['CREDIT_CARD', 'EMAIL_ADDRESS', 'IBAN_CODE', 'US_SSN', 'IP_ADDRESS', 'PHONE_NUMBER']);
  return JSON.parse(readFileSync(path, 'utf8')).flatMap(({ full_text: text, spans }) =>
    spans
      .filter(({ entity_type: type }) => structured.has(type))
      .map(({ start_position: start, end_position: end }) => ({ text, start, end })),
  );
}

function evenly(samples) {
  const step = Math.max(1, Math.ceil(samples.length / Number(options.limit)));
  return samples.filter((_, index) => index % step === 0);
}

/** A lone surrogate cannot be written in most encodings, and an empty value cannot be missed. */
const isUsable = ({ text, start, end }) => end > start && text.isWellFormed();
const sets = {
  planted: plantedTexts(),
  secrets: evenly((readSecrets() ?? []).filter(({ label, core }) => label === 'T' && core).filter(isUsable)),
  personal: evenly(readPersonal().filter(isUsable)),
};

let isBelow = false;
for (const [set, samples] of Object.entries(sets)) {
  if (samples.length === 0) {
    console.log(`${set}: no data in TACHO_DATA, nothing scored`);
    continue;
  }
  console.log(`\n| ${set}: ${samples.length} values | client | record |\n| --- | --- | --- |`);
  const base = {};
  for (const wrap of Object.keys(wraps).filter((name) => name === 'plain' || name.startsWith(options.wrap))) {
    const cells = ['client', 'record'].map((point) => {
      const missed = samples.filter((sample) => !isFound(wrap, sample, point));
      const recall = 100 - (100 * missed.length) / samples.length;
      base[point] ??= recall;
      if (recall < base[point] - allowedPoints) isBelow = true;
      showMisses(wrap, missed, point);
      return `${recall.toFixed(1)}${recall < base[point] - allowedPoints ? ' !' : ''}`;
    });
    console.log(`| ${wrap} | ${cells.join(' | ')} |`);
  }
}
process.exitCode = isBelow ? 1 : 0;

function showMisses(wrap, missed, point) {
  if (wrap === 'plain' || point !== 'client') return;
  const only = missed.filter((sample) => isFound('plain', sample, point));
  for (const { text, start, end } of only.slice(0, Number(options.misses))) {
    console.log(
      `  ${JSON.stringify(text.slice(Math.max(0, start - 80), start))} >>> ${JSON.stringify(text.slice(start, end + 20))}`,
    );
  }
}
