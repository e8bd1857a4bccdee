import type { KeyMatcher } from '../detectors/key-matcher.ts';
import type { MaskCrypto } from '../mask-result.ts';
import type { PathScope } from '../rules-by-path/path-cursor.ts';
import type { TextScanner } from '../scan/text-scanner.ts';
import type { Replacer } from '../transforms/replacer.ts';
import type { Edit } from './edit.ts';
import type { StringReader } from './json-string.ts';

/** What a walk works with; shared by all walks of a masker. */
export interface WalkTools {
  readonly keys: KeyMatcher;
  readonly scanner: TextScanner;
  readonly reader: StringReader;
  /** What stands in a value's place. Absent: every rule redacts, and no value is allowed. */
  readonly replacer?: Replacer | undefined;
  /** What a policy says of places in this document. */
  readonly paths?: PathScope | undefined;
  /** What becomes of bytes that are no text; absent: they stay. */
  readonly dropsBlobs?: boolean;
  /** Every string is decoded and handed to `findInText`, not only those in which a rule may find something. */
  readonly readsAll?: true;
  /** Absent: what is compressed is not looked into. */
  readonly inflate?: MaskCrypto['inflate'] | undefined;
  /** Ordered edits of a decoded text. Here, since a text may hold JSON, whose strings are texts. */
  readonly findInText: (text: string, tools: WalkTools, nesting: number) => readonly Edit[];
}
