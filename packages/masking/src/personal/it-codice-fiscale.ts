/** The value of a character in an odd place is its index here; digits count as the letters A to J. */
const oddOrder = 'BAKPLCQDREVOSFTGUHMINJWZYX';
/** Digits, or the letters that stand for them where two persons would have the same code (omocodia). */
const digit = '[0-9LMNPQRSTUV]';
const shape = new RegExp(`^[A-Z]{6}${digit}{2}[ABCDEHLMPRST]${digit}{2}[A-Z]${digit}{3}[A-Z]$`);

/** A codice fiscale of a person: sixteen characters, the last checks the others modulo 26 (DM 23 dicembre 1976). Any case. */
export function isItCodiceFiscale(text: string): boolean {
  const code = text.toUpperCase();
  if (!shape.test(code)) return false;
  let sum = 0;
  for (let i = 0; i < 15; i += 1)
    sum +=
      i % 2 === 0 ? oddOrder.indexOf(String.fromCharCode(0x41 + evenValue(code.charAt(i)))) : evenValue(code.charAt(i));
  return code.charCodeAt(15) === 0x41 + (sum % 26);
}

function evenValue(char: string): number {
  const value = Number.parseInt(char, 36);
  return value > 9 ? value - 10 : value;
}
