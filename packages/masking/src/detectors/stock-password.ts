/** What examples call a password: `user:pass@host`. */
const stock =
  /^:{0,3}(?:(?:my|your|the|some|test|wrong|bad|new|old|user|db|secret|a|an)?[-_]?(?:pass|passwd|password|passwort|pwd|pw|secret|token|key|letmein|changeme|foo|bar|baz|user|admin|guest|test|example|xxx+|\*+|\.+)(?:[-_]?(?:word|here|value))?(?:%20|[-_])?\d{0,4}|[a-z])$/i;

/** True for what stands for a password in examples: masked for the record only. */
export function isStockPassword(text: string, start: number, end: number): boolean {
  return end - start <= 32 && stock.test(text.slice(start, end));
}
