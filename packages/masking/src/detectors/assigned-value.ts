import type { NameClass } from './free-text-names.ts';

/** How a value in free text is tied to its name. */
export type ValueOperator =
  | 'equals'
  | 'colon'
  | 'compare'
  | 'tag'
  | 'flag'
  | 'call'
  | 'comma'
  | 'default'
  | 'sibling'
  | 'prose'
  | 'url'
  | 'command';

/** A value in free text and how it stands there: `text[start, end)`, inside `text[floor, limit)`. */
export interface ValueShape {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly floor: number;
  readonly limit: number;
  readonly quoted: boolean;
  readonly operator: ValueOperator;
  /** No blanks around the operator. */
  readonly tight: boolean;
  readonly isQuotedName: boolean;
  /** The value stands inside a call or a conversion: `password = Secret("…")`. */
  readonly wrapped: boolean;
  readonly name: string;
  readonly nameStart: number;
  readonly class: NameClass;
}
