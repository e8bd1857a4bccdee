import type { KeyMatcher } from '../detectors/key-matcher.ts';
import type { MaskCrypto } from '../mask-result.ts';
import type { TextScanner } from '../scan/text-scanner.ts';
import type { Edit } from './edit.ts';
import type { StringReader } from './json-string.ts';

/** What a walk works with; shared by all walks of a masker. */
export interface WalkTools {
  readonly keys: KeyMatcher;
  readonly scanner: TextScanner;
  readonly reader: StringReader;
  /** Absent: what is compressed is not looked into. */
  readonly inflate?: MaskCrypto['inflate'] | undefined;
  /** Ordered edits of a decoded text. Here, since a text may hold JSON, whose strings are texts. */
  readonly findInText: (text: string, tools: WalkTools, nesting: number) => readonly Edit[];
}
