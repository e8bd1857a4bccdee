import { alphanumeric, base64Url, toCharSet, wordChars, type CharSet } from './char-set.ts';

/** A token that its issuer marks: `prefix` (exact case), then `min` to `max` characters of `charset`, then something else. */
export interface KnownToken {
  readonly id: string;
  readonly prefixes: readonly string[];
  readonly charset: CharSet;
  readonly min: number;
  readonly max: number;
}

const upperAlphanumeric = toCharSet('A-Z', '0-9');
const lowerHex = toCharSet('0-9', 'a-f');
const hex = toCharSet('0-9', 'a-f', 'A-F');
const dotted = toCharSet('a-z', 'A-Z', '0-9', '_.', '-');
const slashed = toCharSet('a-z', 'A-Z', '0-9', '_/=+', '-');

/** Formats as their issuers document them. */
export const knownTokens: readonly KnownToken[] = [
  {
    id: 'aws-access-key-id',
    prefixes: ['AKIA', 'ASIA', 'ABIA', 'ACCA', 'A3T'],
    charset: upperAlphanumeric,
    min: 16,
    max: 17,
  },
  { id: 'github-token', prefixes: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_'], charset: alphanumeric, min: 36, max: 255 },
  { id: 'github-fine-grained-token', prefixes: ['github_pat_'], charset: wordChars, min: 22, max: 255 },
  {
    id: 'gitlab-token',
    prefixes: ['glpat-', 'gldt-', 'glrt-', 'glptt-', 'glcbt-', 'glft-', 'glsoat-', 'glimt-', 'glagent-'],
    charset: dotted,
    min: 18,
    max: 320,
  },
  {
    id: 'slack-token',
    prefixes: ['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxo-', 'xoxe-', 'xoxe.xoxb-', 'xoxe.xoxp-', 'xapp-'],
    charset: base64Url,
    min: 10,
    max: 400,
  },
  {
    id: 'slack-webhook',
    prefixes: ['hooks.slack.com/services/', 'hooks.slack.com/workflows/'],
    charset: slashed,
    min: 40,
    max: 120,
  },
  {
    id: 'stripe-key',
    prefixes: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'sk_prod_', 'rk_prod_', 'whsec_'],
    charset: alphanumeric,
    min: 10,
    max: 200,
  },
  { id: 'google-api-key', prefixes: ['AIza'], charset: base64Url, min: 35, max: 35 },
  { id: 'google-oauth-secret', prefixes: ['GOCSPX-'], charset: base64Url, min: 28, max: 28 },
  { id: 'google-oauth-token', prefixes: ['ya29.'], charset: base64Url, min: 20, max: 1024 },
  { id: 'npm-token', prefixes: ['npm_'], charset: alphanumeric, min: 36, max: 36 },
  {
    id: 'pypi-token',
    prefixes: ['pypi-AgEIcHlwaS5vcmc', 'pypi-AgENdGVzdC5weXBpLm9yZw'],
    charset: base64Url,
    min: 50,
    max: 1000,
  },
  { id: 'rubygems-token', prefixes: ['rubygems_'], charset: lowerHex, min: 48, max: 48 },
  { id: 'anthropic-key', prefixes: ['sk-ant-'], charset: base64Url, min: 32, max: 200 },
  { id: 'openai-key', prefixes: ['sk-proj-', 'sk-svcacct-', 'sk-admin-'], charset: base64Url, min: 40, max: 300 },
  { id: 'openai-legacy-key', prefixes: ['sk-'], charset: alphanumeric, min: 48, max: 48 },
  { id: 'huggingface-token', prefixes: ['hf_', 'api_org_'], charset: alphanumeric, min: 34, max: 40 },
  { id: 'digitalocean-token', prefixes: ['dop_v1_', 'doo_v1_', 'dor_v1_'], charset: lowerHex, min: 64, max: 64 },
  { id: 'sendgrid-key', prefixes: ['SG.'], charset: dotted, min: 66, max: 66 },
  { id: 'shopify-token', prefixes: ['shpat_', 'shpca_', 'shppa_', 'shpss_'], charset: hex, min: 32, max: 32 },
  { id: 'square-token', prefixes: ['EAAA', 'sq0atp-', 'sq0csp-'], charset: base64Url, min: 22, max: 60 },
  { id: 'databricks-token', prefixes: ['dapi'], charset: lowerHex, min: 32, max: 34 },
  {
    id: 'doppler-token',
    prefixes: ['dp.pt.', 'dp.st.', 'dp.ct.', 'dp.sa.', 'dp.scim.', 'dp.audit.'],
    charset: dotted,
    min: 40,
    max: 60,
  },
  {
    id: 'grafana-token',
    prefixes: ['glsa_', 'glc_'],
    charset: toCharSet('a-z', 'A-Z', '0-9', '_+/='),
    min: 32,
    max: 400,
  },
  { id: 'hashicorp-vault-token', prefixes: ['hvs.', 'hvb.', 'hvr.'], charset: base64Url, min: 24, max: 300 },
  { id: 'linear-key', prefixes: ['lin_api_', 'lin_oauth_'], charset: alphanumeric, min: 40, max: 64 },
  { id: 'newrelic-key', prefixes: ['NRAK-', 'NRII-', 'NRJS-', 'NRAA-'], charset: alphanumeric, min: 19, max: 40 },
  { id: 'notion-token', prefixes: ['ntn_'], charset: alphanumeric, min: 43, max: 50 },
  {
    id: 'planetscale-token',
    prefixes: ['pscale_tkn_', 'pscale_pw_', 'pscale_oauth_'],
    charset: dotted,
    min: 32,
    max: 64,
  },
  { id: 'postman-key', prefixes: ['PMAK-'], charset: toCharSet('0-9', 'a-f', 'A-F', '-'), min: 59, max: 59 },
  { id: 'pulumi-token', prefixes: ['pul-'], charset: lowerHex, min: 40, max: 40 },
  { id: 'sentry-token', prefixes: ['sntrys_', 'sntryu_'], charset: slashed, min: 40, max: 400 },
  { id: 'terraform-token', prefixes: ['atlasv1.'], charset: base64Url, min: 60, max: 70 },
  { id: 'twilio-key', prefixes: ['SK'], charset: lowerHex, min: 32, max: 32 },
  { id: 'age-secret-key', prefixes: ['AGE-SECRET-KEY-1'], charset: upperAlphanumeric, min: 58, max: 58 },
  { id: 'atlassian-token', prefixes: ['ATATT3', 'ATCTT3', 'ATBB'], charset: slashed, min: 24, max: 250 },
  { id: 'dropbox-token', prefixes: ['sl.'], charset: base64Url, min: 130, max: 300 },
  { id: 'mailgun-key', prefixes: ['key-'], charset: lowerHex, min: 32, max: 32 },
  {
    id: 'discord-webhook',
    prefixes: ['discord.com/api/webhooks/', 'discordapp.com/api/webhooks/'],
    charset: slashed,
    min: 60,
    max: 120,
  },
  { id: 'tailscale-key', prefixes: ['tskey-'], charset: base64Url, min: 20, max: 120 },
  { id: 'fly-token', prefixes: ['fo1_'], charset: base64Url, min: 43, max: 43 },
  { id: 'cloudflare-origin-key', prefixes: ['v1.0-'], charset: toCharSet('0-9', 'a-f', '-'), min: 160, max: 180 },
  { id: 'supabase-key', prefixes: ['sbp_', 'sb_secret_'], charset: wordChars, min: 30, max: 60 },
  { id: 'easypost-key', prefixes: ['EZAK', 'EZTK'], charset: alphanumeric, min: 54, max: 54 },
  { id: 'flutterwave-key', prefixes: ['FLWSECK_TEST-', 'FLWSECK-'], charset: base64Url, min: 12, max: 60 },
];
