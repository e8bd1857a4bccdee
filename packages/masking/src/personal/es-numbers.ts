const controlLetters = 'TRWAGMYFPDXBNJZSQVHLCKE';

/** A DNI: up to eight digits and their letter modulo 23 (Real Decreto 1553/2005, Orden INT/2058/2008). Any case. */
export function isEsDni(text: string): boolean {
  return /^\d{7,8}[A-Z]$/i.test(text) && hasControlLetter(text);
}

/** An NIE: X, Y or Z for 0, 1 or 2, seven digits, the letter of a DNI (Orden INT/2058/2008). Any case. */
export function isEsNie(text: string): boolean {
  if (!/^[XYZ]\d{7}[A-Z]$/i.test(text)) return false;
  return hasControlLetter('XYZ'.indexOf(text.charAt(0).toUpperCase()) + text.slice(1));
}

function hasControlLetter(text: string): boolean {
  return controlLetters.charAt(Number(text.slice(0, -1)) % 23) === text.slice(-1).toUpperCase();
}
