import { isWordGap } from './gap.ts';
import { callWords, phoneSuffixes, phoneWords } from './labels.ts';
import { digitsOf, isGrouped, isInternationalPhone, isNationalPhone, likelyRegions } from './phone-number.ts';

/** `phone_id`, `phone.length`, `phoneUpdatedAt`: something else about a telephone. */
const otherField =
  /^[^:=]*(?:[_ .](?:id|at|time|date|count|size|len|length|max|min|width|height|version|port|offset|code)\b|Id|At|Size|Code)/;
/** Between "call" and its number, however that is written. */
const callGap =
  /^(?: (?:me|us|him|her|them|you|back|to|from|via|using|by|my|our|your|his|their|the|a|this|on|at|number|no|phone|contact|sent|is|was|now|please|cell|line|new|registered)\b\.?){0,6}(?: (?:on|at|to|is|number|registered|from|this|via)|\s?[:=#?])[:\s]{1,3}$/;
/** The same where the number is in groups: any words that end in "on" or "at", a name and a comma, or none. */
const groupedGap =
  /^(?: |(?:[ ,]{1,2}[\p{L}.'’-]{1,15}){1,6} (?:on|at|to|via|by)[:\s]{1,2}|(?: (?:details|info|information|person|us|me))?:?(?: [\p{L}.'’-]{1,15}){0,3}[,:][ \n])$/u;
/** "my new number", "her contact number". */
const somebodys = /\b(?:my|his|her|their|our|your|new|contact|another|following|this)\s(?:[a-z]{2,9}\s)?$/i;
/** Numbers of other things. */
const otherNumber =
  /(?:account|order|card|id|ssn|security|licen[cs]e|passport|invoice|reference|ticket|serial|model|version|case|tracking|routing|insurance|policy|member|customer|part|flight|room|line|issue|build|port|iban|tax)['’s]*[\s_-]$/i;
/** Between a number and the word behind it: "… is my new number", "…-Office", "… (mobile)". */
const suffixGap =
  /(?:^|[^ ])( is (?:my|our|his|her|their|the)(?: (?:new|current|old|work|home|personal|contact))? | ?[-–(] ?| )$/;

const fieldWords = new Set(['text', 'message', 'messages', 'registered']);
const words = new Set(phoneWords);
const suffixes = new Set(phoneSuffixes);

/** Words beside which a number may be a telephone number. */
export const contextWords: readonly string[] = [...new Set([...phoneWords, ...callWords, ...phoneSuffixes])];
export const maxSuffixGap = 24;

/** How far before a word that may stand behind its number that number ends, or -1. `before` ends where the word begins. */
export function suffixGapLength(word: string, before: string): number {
  if (!suffixes.has(word) && word !== 'number') return -1;
  const gap = suffixGap.exec(before)?.[1] ?? '';
  if (gap === '' || (word === 'number' && !gap.startsWith(' is'))) return -1;
  return gap.length;
}

/** Whether the number is a telephone number by the word before it, what is between them, and what stands before the word. */
export function isNamedPhone(found: string, word: string, gap: string, before: string): boolean {
  if (words.has(word)) return isWordGap(gap) && !otherField.test(gap);
  if (isField(found, word, gap)) return false;
  const isLed = callGap.test(gap) || (word !== 'number' && isGrouped(found) && groupedGap.test(gap));
  return isLed && (word !== 'number' || isNumberOfPhone(found, before));
}

/** `text: 90512183` is a field of anything; `contact: 467 3395` is not. */
function isField(found: string, word: string, gap: string): boolean {
  return /^\s?[:=#?]/.test(gap) && word !== 'number' && (!isGrouped(found) || fieldWords.has(word));
}

/** "number" says little but with somebody's before it: groups, and a region where it is valid. */
function isNumberOfPhone(found: string, before: string): boolean {
  if (otherNumber.test(before)) return false;
  if (somebodys.test(before)) return true;
  if (found.startsWith('+')) return isInternationalPhone(found);
  return isGrouped(found) && isNationalPhone(found, likelyRegions(digitsOf(found)));
}
