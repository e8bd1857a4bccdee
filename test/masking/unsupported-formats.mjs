import { identifiers } from '../../scripts/token-rules/choices.mjs';

const identifies = 'says whose it is and grants nothing: masked at the record point only';
const examples = 'published examples that only a list of values tells from keys in use; no values stand in the rules';

/** Classes of the published rule tests that the masker leaves alone on purpose. `kind` is `tp` where not said; `point` limits it. */
export const unsupportedClasses = [
  ...[...identifiers].map((rule) => ({ rule, point: 'client', reason: identifies })),
  ...['ng.AWS Account ID', 'ng.ad_tenant_id', 'ng.azure_client_id'].map((name) => ({
    rule: name.startsWith('ng.AWS') ? 'secretlint-aws' : 'secretlint-azure',
    case: name,
    point: 'client',
    reason: identifies,
  })),
  { rule: 'gcp-service-account', case: '', withoutSpan: true, reason: 'names a kind of file; nothing in it is secret' },
  { rule: 'pkcs12-file', reason: 'a file name' },
  { rule: 'secretlint-no-dotenv', reason: 'a file name' },
  { rule: 'secretlint-no-homedir', reason: 'a path of the machine, no secret' },
  { rule: 'secretlint-pattern', reason: 'patterns of a user; here policies have their own' },
  { rule: 'gcp-api-key', kind: 'fp', reason: examples },
  { rule: 'nuget-config-password', kind: 'fp', reason: examples },
  { rule: 'hashicorp-tf-password', reason: 'a word under `password =`; the data has it as true and as false' },
  { rule: 'secretlint-huggingface', reason: 'a placeholder of one letter; the sources disagree' },
  { rule: 'secretlint-vercel', reason: 'shorter than the issuer makes them; the sources disagree' },
  {
    rule: 'secretlint-secp256k1-privatekey',
    reason: 'any 64 hex digits: digests and hashes of transactions look the same',
  },
];
