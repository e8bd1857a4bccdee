/** UTF-16 units; longer messages would hold up other calls, so they are masked elsewhere (`masking.md` §4.9). */
export const longMessage = 64 * 1024;

/** The same where a policy has patterns of its own: a regular expression costs many times what our own rules do. */
export const longMessageWithPatterns = 4 * 1024;
