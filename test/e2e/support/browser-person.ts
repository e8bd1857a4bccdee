/** Buttons that lead on, by what is written on them: the consent page's and the company login's. */
export const rightButton = /^(continue|log in)/i;

/** Consent, login, callback, and some to spare. */
export const maxPages = 8;
