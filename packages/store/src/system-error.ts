/** Whether the system failed with one of these codes, such as `ENOENT`. By shape: errors may come from another realm. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
