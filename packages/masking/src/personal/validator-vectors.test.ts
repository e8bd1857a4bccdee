import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { isBrCnpj, isBrCpf } from './br-numbers.ts';
import { hasLuhnDigit, hasMod1110Digit, hasVerhoeffDigit } from './checksums.ts';
import { isEmail } from './email.ts';
import { isEsDni, isEsNie } from './es-numbers.ts';
import { hasBsnChecksum, hasPeselCheckDigit, isDeSteuerId, isNlBsn, isPlPesel } from './eu-numbers.ts';
import { isFrNir } from './fr-nir.ts';
import { isIban } from './iban.ts';
import { isInAadhaar } from './in-aadhaar.ts';
import { isIpv4, isIpv6 } from './ip-address.ts';
import { isItCodiceFiscale } from './it-codice-fiscale.ts';
import { isPaymentCard } from './payment-card.ts';
import { isUkNhs, isUkNino } from './uk-numbers.ts';
import { hasAbaChecksum, hasNpiCheckDigit, isUsAbaRouting, isUsItin, isUsNpi, isUsSsn } from './us-numbers.ts';

/** Where two sources differ (prefixes, dates), one tests the checksum alone, and so do we. */
const validators: Readonly<Record<string, (text: string) => boolean>> = {
  isBrCnpj,
  isBrCpf,
  hasLuhnDigit,
  hasMod1110Digit,
  hasVerhoeffDigit,
  isEmail,
  isEsDni,
  isEsNie,
  hasBsnChecksum,
  hasPeselCheckDigit,
  isDeSteuerId,
  isNlBsn,
  isPlPesel,
  isFrNir,
  isIban,
  isInAadhaar,
  isIpv4,
  isIpv6,
  isItCodiceFiscale,
  isPaymentCard,
  isUkNhs,
  isUkNino,
  hasAbaChecksum,
  hasNpiCheckDigit,
  isUsAbaRouting,
  isUsItin,
  isUsNpi,
  isUsSsn,
};
/** What of a vector the validator is given: by default letters and digits, as detectors give them. */
const ignored: Readonly<Record<string, RegExp>> = {
  hasLuhnDigit: /\D/g,
  isPaymentCard: /\D/g,
  hasMod1110Digit: /[ \-_/]/g,
  isEmail: /^$/g,
  isIpv4: /^$/g,
  isIpv6: /^$/g,
};

interface Vectors {
  readonly source: string;
  readonly valid: readonly string[];
  readonly invalid: readonly string[];
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- our own file, whose every entry is used below
const vectors = JSON.parse(readFileSync(new URL('validator-vectors.json', import.meta.url), 'utf8')) as {
  readonly validators: Readonly<Record<string, readonly Vectors[]>>;
};

describe.each(Object.entries(vectors.validators))('%s', (name, sources) => {
  const judge = (text: string): boolean =>
    validators[name]?.(text.replaceAll(ignored[name] ?? /[^0-9A-Za-z]/g, '')) ?? false;

  test.each(sources)('accepts the valid numbers of $source', ({ valid }) => {
    expect(valid.filter((text) => !judge(text))).toEqual([]);
  });

  test.each(sources)('refuses the invalid numbers of $source', ({ invalid }) => {
    expect(invalid.filter(judge)).toEqual([]);
  });
});

test('every validator has vectors', () => {
  expect(Object.keys(validators).toSorted()).toEqual(Object.keys(vectors.validators).toSorted());
});
