/** Words that name what stands beside them. A word matches whole: `tin` is not in `cutting`, but is in `user_tin`. */
export interface NumberLabel {
  readonly rule: string;
  /** Lower case. A blank in a word stands for a blank, `_`, `-` or nothing. */
  readonly words: readonly string[];
}

export const numberLabels: readonly NumberLabel[] = [
  { rule: 'us-ssn', words: ['ssn', 'social security', 'social sec'] },
  { rule: 'us-itin', words: ['itin', 'taxpayer', 'tax id', 'tin'] },
  { rule: 'us-npi', words: ['npi', 'national provider', 'provider id', 'provider identifier'] },
  { rule: 'us-aba-routing', words: ['aba', 'routing', 'rtn'] },
  { rule: 'uk-nhs', words: ['nhs', 'national health'] },
  { rule: 'uk-nino', words: ['nino', 'national insurance', 'ni number'] },
  { rule: 'in-aadhaar', words: ['aadhaar', 'aadhar', 'uidai'] },
  { rule: 'br-cpf', words: ['cpf'] },
  { rule: 'br-cnpj', words: ['cnpj'] },
  { rule: 'pl-pesel', words: ['pesel'] },
  { rule: 'es-dni', words: ['dni', 'nif'] },
  { rule: 'es-nie', words: ['nie', 'extranjero'] },
  { rule: 'nl-bsn', words: ['bsn', 'burgerservicenummer', 'sofinummer'] },
  { rule: 'fr-nir', words: ['nir', 'securite sociale', 'insee'] },
  { rule: 'it-codice-fiscale', words: ['codice fiscale', 'cod fisc', 'fiscal code'] },
  { rule: 'de-steuer-id', words: ['steuer id', 'steuer', 'idnr', 'steueridentifikationsnummer'] },
  { rule: 'payment-card', words: ['card', 'cc', 'visa', 'mastercard', 'amex', 'maestro', 'pan'] },
  {
    rule: 'us-driver-licence',
    words: [
      'driver license',
      'drivers license',
      "driver's license",
      'driver licence',
      'driving licence',
      'driving license',
    ],
  },
  { rule: 'passport', words: ['passport number', 'passport no', 'passport'] },
  { rule: 'iban', words: ['iban', 'bank account', 'transfer'] },
];

/** Words before a telephone number that leave little doubt. */
export const phoneWords: readonly string[] = [
  'phone',
  'telephone',
  'telefon',
  'telefono',
  'telefone',
  'mobile',
  'mobil',
  'movil',
  'cellphone',
  'mob',
  'cell',
  'cel',
  'gsm',
  'ph',
  'tlf',
  'telefoon',
  'tel',
  'fax',
  'sms',
  'whatsapp',
  'msisdn',
  'hotline',
  'handy',
  'pager',
  'landline',
  'helpline',
  'direct line',
  'customer service',
  'desk',
];

/** Words that lead to a telephone number through "me at", "us on", "to": the words between decide. */
export const callWords: readonly string[] = [
  'call',
  'calling',
  'called',
  'dial',
  'ring',
  'reach',
  'reached',
  'contact',
  'text',
  'message',
  'messages',
  'answering',
  'registered',
  'number',
  'office',
  'home',
  'work',
];

/** Words behind a telephone number. */
export const phoneSuffixes: readonly string[] = [
  'office',
  'fax',
  'mobile',
  'cell',
  'desk',
  'home',
  'work',
  'phone',
  'tel',
  'direct',
  'switchboard',
];
