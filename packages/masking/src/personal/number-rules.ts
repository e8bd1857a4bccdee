import { isBrCnpj, isBrCpf } from './br-numbers.ts';
import { compactOf, isMadeUp } from './candidate.ts';
import { hasLuhnDigit } from './checksums.ts';
import { isEsDni, isEsNie } from './es-numbers.ts';
import { isDeSteuerId, isNlBsn, isPlPesel } from './eu-numbers.ts';
import { isFrNir } from './fr-nir.ts';
import { ibanLength } from './iban.ts';
import { isInAadhaar } from './in-aadhaar.ts';
import { isItCodiceFiscale } from './it-codice-fiscale.ts';
import { isUkNhs, isUkNino } from './uk-numbers.ts';
import { isUsAbaRouting, isUsItin, isUsNpi, isUsSsn } from './us-numbers.ts';

/** How a number is written, and what makes it one. */
export interface NumberRule {
  readonly id: string;
  /** Global; what it matches, without its separators, is judged by `isValid`. */
  readonly written: RegExp;
  readonly isValid: (compact: string) => boolean;
}

const numberRule = (id: string, written: string, isValid: (compact: string) => boolean): NumberRule => ({
  id,
  written: new RegExp(`(?<![0-9A-Za-z])(?:${written})(?![0-9A-Za-z])`, 'gi'),
  isValid,
});

const licence = '[A-Z]{0,3}\\d[0-9A-Z]{4,14}|\\d{3,4}-\\d{2,3}-\\d{3,4}';

/** Numbers that a word or a key beside them makes believable, whatever their shape. */
export const numberRules: ReadonlyMap<string, NumberRule> = new Map(
  [
    numberRule('us-ssn', '\\d{3}[-. ]?\\d{2}[-. ]?\\d{4}', isUsSsn),
    numberRule('us-itin', '9\\d{2}[-. ]?\\d{2}[-. ]?\\d{4}', isUsItin),
    numberRule('us-npi', '\\d{4}[- ]?\\d{3}[- ]?\\d{3}', isUsNpi),
    numberRule('us-aba-routing', '\\d{4}-?\\d{4}-?\\d', isUsAbaRouting),
    numberRule('uk-nhs', '\\d{3}[- ]?\\d{3}[- ]?\\d{4}', isUkNhs),
    numberRule('uk-nino', '[A-Z]{2}[- ]?\\d{2}[- ]?\\d{2}[- ]?\\d{2}[- ]?[A-D]', isUkNino),
    numberRule('in-aadhaar', '\\d{4}[-: ]?\\d{4}[-: ]?\\d{4}', isInAadhaar),
    numberRule('br-cpf', '\\d{3}[. ]?\\d{3}[. ]?\\d{3}[- ]?\\d{2}', isBrCpf),
    numberRule('br-cnpj', '[0-9A-Z]{2}[. ]?[0-9A-Z]{3}[. ]?[0-9A-Z]{3}[/ ]?[0-9A-Z]{4}[- ]?\\d{2}', isBrCnpj),
    numberRule('pl-pesel', '\\d{11}', isPlPesel),
    numberRule('es-dni', '\\d{2}[.]?\\d{3}[.]?\\d{3}[- ]?[A-Z]|\\d{7}-?[A-Z]', isEsDni),
    numberRule('es-nie', '[XYZ][- ]?\\d{7}[- ]?[A-Z]', isEsNie),
    numberRule('nl-bsn', '\\d{4}[. ]?\\d{2}[. ]?\\d{3}|\\d{3}[. ]?\\d{3}[. ]?\\d{3}|\\d{8}', isNlBsn),
    numberRule('fr-nir', '\\d[- ]?\\d{2}[- ]?\\d{2}[- ]?\\d[0-9AB][- ]?\\d{3}[- ]?\\d{3}[- ]?\\d{2}', isFrNir),
    numberRule(
      'it-codice-fiscale',
      '[A-Z]{6}[- ]?[0-9A-Z]{5}[- ]?[0-9A-Z]{5}|[A-Z]{3} [A-Z]{3} [0-9A-Z]{5} [0-9A-Z]{5}',
      isItCodiceFiscale,
    ),
    numberRule('de-steuer-id', '\\d{2}[ /]?\\d{3}[ /]?\\d{3}[ /]?\\d{3}', isDeSteuerId),
    numberRule('payment-card', '\\d{4}(?:[- ]?\\d{1,6}){2,5}', isCardNumber),
    numberRule('us-driver-licence', licence, isLicence),
    numberRule('passport', licence, isLicence),
    numberRule('iban', '[A-Z]{2}\\d{2}(?:[- ]?[0-9A-Z]{1,4}){3,8}', hasIbanLength),
  ].map((rule) => [rule.id, rule]),
);

/** Beside the word, the issuer does not matter: there are more than the table knows. */
function isCardNumber(compact: string): boolean {
  return /^\d{12,19}$/.test(compact) && hasLuhnDigit(compact) && !isMadeUp(compact);
}

/** Each state and country has its own; common to them are length and mostly digits. */
function isLicence(compact: string): boolean {
  return compact.length >= 6 && compact.replaceAll(/\D/g, '').length >= 5 && !isMadeUp(compact);
}

/** Beside the word, an IBAN with a mistaken digit is believed too: it is meant to be one. */
function hasIbanLength(compact: string): boolean {
  const iban = compactOf(compact).toUpperCase();
  return ibanLength(iban.slice(0, 2)) === iban.length && iban.replaceAll(/\D/g, '').length >= 8;
}
