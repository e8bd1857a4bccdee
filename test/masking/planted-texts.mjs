/** Texts with one secret each, made anew from counters: no value is anybody's. */
const perForm = 20;

function digits(seed, length, alphabet) {
  let state = (seed * 2_654_435_761 + 12_345) % 4_294_967_296;
  let made = '';
  for (let i = 0; i < length; i += 1) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    made += alphabet[(state >>> 8) % alphabet.length];
  }
  return made;
}

const lower = 'abcdefghijklmnopqrstuvwxyz';
const alphanumeric = `ABCDEFGHIJKLMNOPQRSTUVWXYZ${lower}0123456789`;
const token = (length) => (seed) => digits(seed, length, alphanumeric);
const password = (seed) =>
  `${digits(seed, 6, lower)}${digits(seed + 1, 3, '0123456789')}${digits(seed + 2, 4, alphanumeric)}!`;
const key = (length) => (seed) => digits(seed, length, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567');

/** Text before the value, the value, text behind it. */
const forms = [
  ['Deployed. DB_PASSWORD=', password, '\nDB_HOST=db.internal\n'],
  ['user: alice\npassword: ', password, '\nrole: admin\n'],
  ['config = {"api_key": "', token(32), '", "region": "eu-west-1"}'],
  ['curl -H "Authorization: Bearer ', token(40), '" https://api.example.com/v1/items'],
  ['Use the key AKIA', key(16), ' for the bucket.', 4],
  ['connect to postgres://app:', token(18), '@db.internal:5432/shop now'],
  ['const clientSecret = "', token(30), '";\nexport default clientSecret;\n'],
  ['<password>', password, '</password>'],
];

/** As `{ text, start, end }`: the value is `text[start, end)`. */
export function plantedTexts() {
  return forms.flatMap(([before, make, behind, kept = 0], form) =>
    Array.from({ length: perForm }, (_, index) => {
      const value = make(form * 1000 + index * 7 + 1);
      const start = before.length - kept;
      return { text: before + value + behind, start, end: before.length + value.length };
    }),
  );
}
