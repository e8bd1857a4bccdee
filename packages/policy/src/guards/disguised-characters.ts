/** Characters that look like others, or like nothing: what a person reads is then not what runs. */

/** Spaces that are no ASCII space, zero-width and directional characters, full-width forms of ASCII, soft hyphens. */
const disguised = /[\u00a0\u00ad\u034f\u061c\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u2064\u2066-\u206f\u3000\ufe00-\ufe0f\ufeff\uff01-\uff5e]/u;
const invisible = /[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufe00-\ufe0f\ufeff]/gu;
/** Characters that become a quote, a backslash or a semicolon when a driver folds a text into a smaller character set. */
const foldsToQuote = /[\u02b9\u02bc\uff02\uff07\uff1b\uff3c\ufe54\ufe68]/u;

export function hasDisguise(text: string): boolean {
  return disguised.test(text);
}

export function hasFoldingQuote(text: string): boolean {
  return foldsToQuote.test(text);
}

/** As something that normalises would read it. */
export function withoutDisguise(text: string): string {
  return text.replace(invisible, '').normalize('NFKC');
}

/** Text that no program reads as it was written: half a character, or a NUL that ends it early. */
export function isBrokenText(text: string): boolean {
  return !text.isWellFormed() || text.includes('\0');
}
