const cpfWeights: readonly number[] = [11, 10, 9, 8, 7, 6, 5, 4, 3, 2];
const cnpjWeights: readonly number[] = [6, 5, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2];

/** A CPF: eleven digits, two check digits modulo 11 (Receita Federal, IN RFB 2.172/2024). Not one digit repeated. */
export function isBrCpf(number: string): boolean {
  if (!/^\d{11}$/.test(number) || /^(\d)\1*$/.test(number)) return false;
  return hasCheckDigits(number, cpfWeights);
}

/**
 * A CNPJ: twelve digits or, since July 2026, upper-case letters, and two check digits modulo 11 over the character codes
 * less 48 (Receita Federal, IN RFB 2.229/2024).
 */
export function isBrCnpj(text: string): boolean {
  if (!/^[0-9A-Z]{12}\d\d$/.test(text) || /^(.)\1*$/.test(text)) return false;
  return hasCheckDigits(text, cnpjWeights);
}

function hasCheckDigits(text: string, weights: readonly number[]): boolean {
  const body = text.length - 2;
  return (
    checkDigit(text.slice(0, body), weights) === text.charAt(body) &&
    checkDigit(text.slice(0, body + 1), weights) === text.charAt(body + 1)
  );
}

function checkDigit(body: string, weights: readonly number[]): string {
  const used = weights.slice(weights.length - body.length);
  const sum = used.reduce((total, weight, index) => total + weight * (body.charCodeAt(index) - 0x30), 0);
  const rest = sum % 11;
  return String(rest < 2 ? 0 : 11 - rest);
}
