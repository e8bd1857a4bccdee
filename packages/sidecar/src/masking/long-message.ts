/** UTF-16 units; longer messages would hold up other calls, so they are masked elsewhere (`masking.md` §4.9). */
export const longMessage = 64 * 1024;
