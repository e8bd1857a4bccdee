import { hasLuhnDigit } from './checksums.ts';

interface CardNetwork {
  readonly name: string;
  /** Inclusive ranges of the first digits (ISO/IEC 7812 issuer identification numbers). */
  readonly ranges: readonly (readonly [string, string])[];
  readonly lengths: readonly number[];
}

const networks: readonly CardNetwork[] = [
  { name: 'visa', ranges: [['4', '4']], lengths: [13, 16, 19] },
  {
    name: 'mastercard',
    ranges: [
      ['51', '55'],
      ['2221', '2720'],
    ],
    lengths: [16],
  },
  {
    name: 'amex',
    ranges: [
      ['34', '34'],
      ['37', '37'],
    ],
    lengths: [15],
  },
  {
    name: 'discover',
    ranges: [
      ['6011', '6011'],
      ['644', '659'],
      ['622126', '622925'],
    ],
    lengths: [16, 19],
  },
  {
    name: 'diners',
    ranges: [
      ['300', '305'],
      ['3095', '3095'],
      ['36', '36'],
      ['38', '39'],
    ],
    lengths: [14, 16, 19],
  },
  { name: 'jcb', ranges: [['3528', '3589']], lengths: [16, 17, 18, 19] },
  {
    name: 'jcb-15',
    ranges: [
      ['1800', '1800'],
      ['2131', '2131'],
    ],
    lengths: [15],
  },
  { name: 'unionpay', ranges: [['62', '62']], lengths: [16, 17, 18, 19] },
  { name: 'dankort', ranges: [['5019', '5019']], lengths: [16] },
  { name: 'mir', ranges: [['2200', '2204']], lengths: [16, 17, 18, 19] },
  { name: 'troy', ranges: [['9792', '9792']], lengths: [16] },
  {
    name: 'maestro',
    ranges: [
      ['500', '509'],
      ['56', '58'],
      ['60', '69'],
    ],
    lengths: [12, 13, 14, 15, 16, 17, 18, 19],
  },
  { name: 'uatp', ranges: [['1', '1']], lengths: [15] },
];

/** Networks whose numbers are told from other numbers by their issuer and length; the rest need a word beside them. */
const distinctive: ReadonlySet<string> = new Set([
  'visa',
  'mastercard',
  'amex',
  'discover',
  'diners',
  'jcb',
  'jcb-15',
  'dankort',
  'mir',
  'troy',
  'unionpay',
]);

/** Long ids have the others. */
const commonLengths: ReadonlySet<number> = new Set([14, 15, 16]);

/** A primary account number by ISO/IEC 7812: known issuer range, a length of that network, Luhn. Digits only. */
export function isPaymentCard(number: string): boolean {
  return findNetwork(number) !== undefined && hasLuhnDigit(number);
}

/** As `isPaymentCard`, of a network and length that few other numbers look like. */
export function isDistinctiveCard(number: string): boolean {
  const network = findNetwork(number);
  return network !== undefined && distinctive.has(network) && commonLengths.has(number.length) && hasLuhnDigit(number);
}

function findNetwork(number: string): string | undefined {
  if (!/^[0-9]{12,19}$/.test(number)) return undefined;
  const found = networks.find(
    ({ lengths, ranges }) =>
      lengths.includes(number.length) && ranges.some(([low, high]) => isInRange(number, low, high)),
  );
  return found?.name;
}

function isInRange(number: string, low: string, high: string): boolean {
  const start = number.slice(0, low.length);
  return start >= low && start <= high;
}
