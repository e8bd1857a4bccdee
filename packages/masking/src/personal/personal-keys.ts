/** Names of fields that hold personal data: letters and digits in lower case, as the whole name or as its end. */
interface KeyNames {
  readonly rule: string;
  readonly whole: readonly string[];
  readonly ends: readonly string[];
}

const keyNames: readonly KeyNames[] = [
  { rule: 'email', whole: ['mail'], ends: ['email', 'emailaddress', 'mailaddress'] },
  {
    rule: 'phone',
    whole: ['tel', 'fax', 'cell', 'mobile', 'msisdn', 'telephone', 'telefon', 'telefono', 'telefone', 'phones'],
    ends: [
      'phone',
      'phonenumber',
      'phoneno',
      'mobilenumber',
      'mobileno',
      'faxnumber',
      'telephonenumber',
      'cellnumber',
      'whatsapp',
    ],
  },
  { rule: 'us-ssn', whole: [], ends: ['ssn', 'socialsecurity', 'socialsecuritynumber', 'socialsecurityno'] },
  { rule: 'us-itin', whole: ['tin'], ends: ['itin', 'taxpayerid'] },
  { rule: 'us-npi', whole: ['npi', 'npinumber'], ends: ['providernpi'] },
  { rule: 'us-aba-routing', whole: ['aba', 'rtn', 'routing'], ends: ['routingnumber', 'routingno', 'abanumber'] },
  { rule: 'uk-nhs', whole: ['nhs'], ends: ['nhsnumber', 'nhsno'] },
  { rule: 'uk-nino', whole: ['nino'], ends: ['nationalinsurancenumber', 'ninumber'] },
  { rule: 'in-aadhaar', whole: [], ends: ['aadhaar', 'aadhar', 'aadhaarnumber', 'aadharnumber', 'aadhaarno'] },
  { rule: 'br-cpf', whole: ['cpf'], ends: ['cpfnumber', 'numerocpf', 'usercpf'] },
  { rule: 'br-cnpj', whole: ['cnpj'], ends: ['numerocnpj'] },
  { rule: 'pl-pesel', whole: [], ends: ['pesel'] },
  { rule: 'es-dni', whole: ['dni', 'nif'], ends: ['dninumber', 'numerodni'] },
  { rule: 'es-nie', whole: ['nie'], ends: [] },
  { rule: 'nl-bsn', whole: ['bsn'], ends: ['burgerservicenummer', 'bsnnumber'] },
  { rule: 'fr-nir', whole: ['nir', 'numerosecu'], ends: ['securitesociale'] },
  { rule: 'it-codice-fiscale', whole: ['cf'], ends: ['codicefiscale', 'fiscalcode'] },
  { rule: 'de-steuer-id', whole: ['idnr'], ends: ['steuerid', 'steueridnr', 'steueridentifikationsnummer'] },
  {
    rule: 'payment-card',
    whole: ['pan', 'card', 'cc', 'ccnum'],
    ends: ['cardnumber', 'cardno', 'ccnumber', 'creditcard', 'debitcard', 'cardnum', 'primaryaccountnumber'],
  },
  {
    rule: 'us-driver-licence',
    whole: [],
    ends: ['driverlicense', 'driverslicense', 'drivinglicence', 'driverlicensenumber', 'driverslicensenumber'],
  },
  { rule: 'passport', whole: ['passport'], ends: ['passportnumber', 'passportno'] },
  { rule: 'iban', whole: [], ends: ['iban', 'ibannumber', 'ibancode'] },
  {
    rule: 'ip-address',
    whole: ['ip', 'ipv4', 'ipv6'],
    ends: ['ipaddress', 'ipaddr', 'clientip', 'remoteip', 'remoteaddr', 'sourceip', 'userip'],
  },
];
const maxName = 64;
const seen = new Map<string, string | null>();
const maxSeen = 4096;

/** The personal rule that a field's name announces (`customerPhone`, `card_number`), or undefined. Names repeat, so they are kept. */
export function personalKeyRule(name: string): string | undefined {
  if (name.length > maxName) return undefined;
  const known = seen.get(name);
  if (known !== undefined) return known ?? undefined;
  if (seen.size >= maxSeen) seen.clear();
  const compact = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '')
    .replace(/\d{1,2}$/, '');
  const found = keyNames.find(
    ({ whole, ends }) => whole.includes(compact) || ends.some((end) => compact.endsWith(end)),
  );
  seen.set(name, found?.rule ?? null);
  return found?.rule;
}
