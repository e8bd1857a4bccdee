import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min';
import { work } from '../scan/work.ts';
import { isMadeUp } from './candidate.ts';
import { isIpv4 } from './ip-address.ts';

type Region = NonNullable<Parameters<typeof parsePhoneNumberFromString>[1]> & string;

/** A parse takes some 10 µs; so the work budget bounds how many one leaf can ask for. */
const parseWork = 400;

/** `+` or `00`, country code, subscriber number (ITU-T E.164): a length that the country has. */
export function isInternationalPhone(text: string): boolean {
  const digits = digitsOf(text);
  if (digits.length < 8 || digits.length > 17 || isMadeUp(digits)) return false;
  work.read += parseWork;
  const international = text.startsWith('+') ? text : `+${digits.replace(/^0+/, '')}`;
  return parsePhoneNumberFromString(withoutExtension(international), metadata)?.isPossible() === true;
}

/** A number as it is dialled in one of the regions, valid there. */
export function isNationalPhone(text: string, regions: readonly Region[]): boolean {
  return regions.some((region) => {
    work.read += parseWork;
    return parsePhoneNumberFromString(withoutExtension(text), region, metadata)?.isValid() === true;
  });
}

const areas = new Map<string, boolean>();

/** Whether three digits are an area code of the North American plan; each is looked up once. */
export function isNorthAmericanArea(area: string): boolean {
  const known = areas.get(area);
  if (known !== undefined) return known;
  const found = isNationalPhone(`${area}2345678`, ['US']);
  areas.set(area, found);
  return found;
}

const trunkRegions: Readonly<Record<number, readonly Region[]>> = {
  9: ['IL', 'DE'],
  10: ['FR', 'DE'],
  11: ['GB', 'DE'],
};

/**
 * Regions in which a number that begins so may be dialled: a trunk 0 is European, Australasian or Asian, ten digits from
 * 2 on are North American. The most populous of each kind stand for the rest.
 */
export function likelyRegions(digits: string): readonly Region[] {
  if (digits.startsWith('0')) return trunkRegions[digits.length] ?? ['DE'];
  if (/^[2-9]\d{9}$/.test(digits)) return ['US', 'IN'];
  if (/^1\d{10}$/.test(digits)) return ['US', 'CN'];
  return ['ES', 'BR'];
}

/**
 * What a word such as "phone" makes believable: seven to fifteen digits in groups as numbers are written, and no date,
 * IP address or made-up row.
 */
export function isPhoneShaped(text: string): boolean {
  const digits = digitsOf(withoutExtension(text));
  if (digits.length < 7 || digits.length > 15 || isMadeUp(digits)) return false;
  return !isDate(text) && !areYears(text) && !isIpv4(text);
}

/** Groups joined by blanks, dots, dashes or brackets, and not one run. */
export function isGrouped(text: string): boolean {
  return /\d[ .()/-]+\d/.test(text);
}

/** `2012-2022`: two years, or more. */
function areYears(text: string): boolean {
  return /^(?:19|20)\d\d(?:[^\d+]{1,3}(?:19|20)\d\d)+$/.test(text);
}

function isDate(text: string): boolean {
  return (
    /^(?:19|20)\d\d[-/. ]?(?:0?[1-9]|1[0-2])[-/. ]?(?:0?[1-9]|[12]\d|3[01])(?!\d)/.test(text) ||
    /^(?:\d|[0-3]\d)[-/.](?:\d|[0-3]\d)[-/.](?:19|20)\d\d(?!\d)/.test(text)
  );
}

function withoutExtension(text: string): string {
  return text.replace(/\s?(?:x|ext)\D{0,3}\d{1,6}$/i, '');
}

export function digitsOf(text: string): string {
  return text.replaceAll(/\D+/g, '');
}
