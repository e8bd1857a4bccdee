import { describe, expect, test } from '@jest/globals';
import { createTextScanner } from '../scan/text-scanner.ts';
import { createPersonalDetectors, personalRuleIds } from './detectors.ts';

const scanner = createTextScanner(createPersonalDetectors(new Set()));

/** `rule:text` of each finding; weak ones with a `~`. */
function found(text: string): readonly string[] {
  return scanner
    .find(text, 0, text.length)
    .map(({ rule, start, end, weak }) => `${rule}${weak === true ? '~' : ''}:${text.slice(start, end)}`);
}

describe('payment cards', () => {
  test.each([
    ['paid with 4111111111111111 today', 'payment-card:4111111111111111'],
    ['4012-8888-8888-1881', 'payment-card:4012-8888-8888-1881'],
    ['3714 4963 5398 431', 'payment-card:3714 4963 5398 431'],
    ['amex 3782 822463 10005', 'payment-card:3782 822463 10005'],
  ])('finds %s', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  test('finds a number of an unknown issuer beside the word only', () => {
    expect(found('my card 3502162941615515 is lost')).toEqual(['payment-card:3502162941615515']);
    expect(found('build 3502162941615515 is lost')).toEqual([]);
  });

  test.each([
    'trace a4111111111111111',
    'GET /v1/4111111111111111/x',
    '0.4111111111111111',
    '4111111111111111.5',
    '4012-8888-8888-1882',
    '123e4567-e89b-4111-8111-111111111111',
  ])('leaves %s alone', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('IBANs', () => {
  test.each([
    ['this is an iban VG96 VPVG 0000 0123 4567 8901 in a sentence', 'iban:VG96 VPVG 0000 0123 4567 8901'],
    ['this is VG96 VPVG 0000 0123 4567 8901 X in a sentence', 'iban:VG96 VPVG 0000 0123 4567 8901'],
    ['Dash as separator: AL47-2121-1009-0000-0002-3569-8741', 'iban:AL47-2121-1009-0000-0002-3569-8741'],
    ['gb29nwbk60161331926819', 'iban:gb29nwbk60161331926819'],
  ])('finds %s', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  test('finds both of a list', () => {
    expect(found('AL47212110090000000235698741, AL47212110090000000235698741')).toHaveLength(2);
  });

  test('refuses a blank in the country code, a wrong digit and a country without IBANs', () => {
    expect(found('G T82 TRAJ 0102 0000 0012 1002 9690')).toEqual([]);
    expect(found('GB29 NWBK 6016 1331 9268 18')).toEqual([]);
    expect(found('AB150120690000003111141')).toEqual([]);
  });

  test('believes one with a wrong digit beside the word', () => {
    expect(found('My IBAN is GB29 NWBK 6016 1331 9268 18.')).toEqual(['iban:GB29 NWBK 6016 1331 9268 18']);
  });
});

describe('telephone numbers', () => {
  test.each([
    ['My US number is (415) 555-0132', ['(415) 555-0132']],
    ['my international one is +1 415 555 0132', ['+1 415 555 0132']],
    ['_: (415)555-0132', ['(415)555-0132']],
    ['My Israeli number is 09-7625400', ['09-7625400']],
    ['Brazil: +55 11 98456 5666', ['+55 11 98456 5666']],
    ['Greece +30 21 0 1234567', ['+30 21 0 1234567']],
    ['Phone:\n60-56-85-91', ['60-56-85-91']],
    [
      'Mobile: 723 813 266\nDesk: +1-903-140-4508x769\nFax: 259.735.7502x459',
      ['723 813 266', '+1-903-140-4508x769', '259.735.7502x459'],
    ],
    ['781 1704 office\n(579)888-3058 fax\n001-518-640-0854 mobile', ['781 1704', '(579)888-3058', '001-518-640-0854']],
    ['Can someone call me on 467 3395?', ['467 3395']],
    ['write to 0494 92 82 32 or 085 175 7641', ['0494 92 82 32', '085 175 7641']],
    ['{"phone_number": "5403926876"}', ['5403926876']],
  ])('finds those of %j', (text, numbers) => {
    expect(found(text)).toEqual(numbers.map((number) => `phone:${number}`));
  });

  test.each([
    'phone_updated_at: 1423456789',
    'cancel 1234567 excellent 7654321',
    'called at 2024-03-12 10:11:12',
    'phone = 1234567890',
    'x+12345678901',
    'order number 415-555-01',
    '2013-12-17T19:34:01Z',
    'call stack 0x7ffe12345678',
    'telephone.length > 10000000',
    'Boston, MA 02111-1307, USA',
    'Telephone Corporation (C) 2012-2022',
  ])('leaves %s alone', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('e-mail addresses', () => {
  test.each([
    ['try info@presidio.site or anotherinfo@presidio.site', ['info@presidio.site', 'anotherinfo@presidio.site']],
    ["'o.neill+x@mail.co.uk'", ['o.neill+x@mail.co.uk']],
    ['to=jane@müller.de&x', ['jane@müller.de']],
    ['user@xn--80ak6aa92e.com', ['user@xn--80ak6aa92e.com']],
  ])('finds those of %s', (text, addresses) => {
    expect(found(text)).toEqual(
      expect.arrayContaining(
        addresses.map((each) => expect.stringMatching(`^email~?:${each.replaceAll(/[.+]/g, '[$&]')}$`)),
      ),
    );
  });

  test('holds reserved domains and roles for the record only', () => {
    expect(found('jane@example.com')).toEqual(['email~:jane@example.com']);
    expect(found('noreply@acme.io')).toEqual(['email~:noreply@acme.io']);
  });

  test.each([
    'git@github.com:a/b',
    'https://u:pw@host.com/',
    'icon@2x.png',
    'npm i a@latest',
    '@app.route',
    'a@b',
    'W@x.T',
  ])('leaves %s alone', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('IP addresses', () => {
  test.each([
    ['blocked 41.173.96.26 today', 'ip-address:41.173.96.26'],
    ['(8.8.8.8) from ip 8.8.4.4', 'ip-address~:8.8.8.8 ip-address:8.8.4.4'],
    ['[2400:c401::5054:ff:fe1b:b031]:80', 'ip-address:2400:c401::5054:ff:fe1b:b031'],
    ['at 684D:1111:222:3333:4444:5555:6:77.', 'ip-address:684D:1111:222:3333:4444:5555:6:77'],
    ['host 192.168.1.1', 'ip-address~:192.168.1.1'],
    ['as ::ffff:41.173.96.26 it', 'ip-address:::ffff:41.173.96.26'],
    ['64:ff9b::10.0.0.1', 'ip-address~:64:ff9b::10.0.0.1'],
  ])('finds those of %s', (text, expected) => {
    expect(found(text).join(' ')).toBe(expected);
  });

  test.each([
    '127.0.0.1 0.0.0.0 255.255.255.0 ::1',
    '1.3.6.1.4.1.311',
    'v71.82.93.104',
    'text192.168.1.1',
    'std::cout Face::Add a::b',
    'aa:bb:cc:dd:ee:ff',
    '::ffff:127.0.0.1',
    'c7:0b:53:ea:27:6e:9f:26',
    '12:34:56',
  ])('leaves %s alone', (text) => {
    expect(found(text)).toEqual([]);
  });

  test('takes versions and object identifiers for no addresses of clients', () => {
    expect(found('pkg==71.82.93.104 OID 2.5.29.33 1.2.3.4').filter((each) => !each.includes('~'))).toEqual([]);
  });
});

describe('national numbers', () => {
  test.each([
    ["Here's my SSN: 460-89-9847", 'us-ssn:460-89-9847'],
    ['460-89-9847', 'us-ssn:460-89-9847'],
    ['ssn 078051123', 'us-ssn:078051123'],
    ['my tax id 911-70-1234', 'us-itin:911-70-1234'],
    ['NPI: 1234567893', 'us-npi:1234567893'],
    ['routing number 121000358', 'us-aba-routing:121000358'],
    ['NHS 401-023-2137', 'uk-nhs:401-023-2137'],
    ['my National Insurance Number YZ 61 48 68 B', 'uk-nino:YZ 61 48 68 B'],
    ['My Aadhaar number is 400123456787 with', 'in-aadhaar:400123456787'],
    ['CPF 012.345.678-90', 'br-cpf:012.345.678-90'],
    ['00.623.904/0001-73', 'br-cnpj:00.623.904/0001-73'],
    ['CNPJ 12ABC34501DE35', 'br-cnpj:12ABC34501DE35'],
    ['My pesel is 44051401458.', 'pl-pesel:44051401458'],
    ['DNI 12345678Z', 'es-dni:12345678Z'],
    ['Z8078221M en mi NIE', 'es-nie:Z8078221M'],
    ['BSN 1112.22.333', 'nl-bsn:1112.22.333'],
    ['NIR 2 69 05 49 588 157 80', 'fr-nir:2 69 05 49 588 157 80'],
    ['codice fiscale: MRTMTT91D08F205J', 'it-codice-fiscale:MRTMTT91D08F205J'],
    ['Meine Steuer-ID: 12345678903.', 'de-steuer-id:12345678903'],
    ["my driver's license number is 2270-66-1551", 'us-driver-licence:2270-66-1551'],
  ])('finds that of %s', (text, expected) => {
    expect(found(text)).toEqual([expected]);
  });

  test.each([
    'id 1234567893',
    'ts 44051401458',
    'x 400123456787',
    '078-05-1120',
    '666-12-1234',
    '2024-460-89-9847',
    'cutting 911701234',
    'ssn 000-12-1234',
  ])('leaves %s alone', (text) => {
    expect(found(text)).toEqual([]);
  });
});

test('every rule can be switched off', () => {
  const text =
    '4111111111111111 gb29nwbk60161331926819 460-89-9847 (415) 555-0132 +1 415 555 0132 a.b@acme.io 41.173.96.26';
  const none = createTextScanner(createPersonalDetectors(personalRuleIds));
  expect(found(text)).toHaveLength(7);
  expect(none.find(text, 0, text.length)).toEqual([]);
});
