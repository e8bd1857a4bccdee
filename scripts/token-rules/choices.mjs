/** Rules of the sources that are not converted, and what finds such secrets instead. */
export const handled = {
  'generic-api-key': 'the names of keys decide (key rules)',
  'private-key': 'private-key (PEM)',
  jwt: 'jwt',
  'jwt-base64': 'base64 that is decoded and looked at again',
  'curl-auth-header': 'authorization (key rules), bearer-token, basic-credentials',
  'curl-auth-user': 'command-line flags',
  'kubernetes-secret-yaml': 'kubernetes-secret, by its own detector',
  'gcp-service-account': 'private-key (PEM) and the names of keys',
  'gcp-application-default-credentials': 'the names of keys',
  'hashicorp-tf-password': 'password (key rules)',
  'nuget-config-password': 'siblings: a key and its value',
  'mongodb-connection-string': 'url-password',
};

/** Published rules that belong to one family here, by the beginning of their names. */
const families = [
  ['1password-', 'onepassword-token'],
  ['anthropic-', 'anthropic-key'],
  ['aws-access-token', 'aws-access-key-id'],
  ['databricks-', 'databricks-token'],
  ['digitalocean-', 'digitalocean-token'],
  ['dockerhub-', 'docker-token'],
  ['doppler-', 'doppler-token'],
  ['easypost-', 'easypost-key'],
  ['figma-personal-access-token', 'figma-token'],
  ['flutterwave-', 'flutterwave-key'],
  ['gcp-api-key', 'google-api-key'],
  ['github-', 'github-token'],
  ['gitlab-session-cookie', 'gitlab-session-cookie'],
  ['gitlab-', 'gitlab-token'],
  ['grafana-', 'grafana-token'],
  ['groq-', 'groq-key'],
  ['huggingface-', 'huggingface-token'],
  ['linear-api-key', 'linear-key'],
  ['mailgun-', 'mailgun-key'],
  ['new-relic-', 'newrelic-key'],
  ['notion-', 'notion-token'],
  ['npm-access-token', 'npm-token'],
  ['openai-', 'openai-key'],
  ['planetscale-id', 'planetscale-id'],
  ['planetscale-', 'planetscale-token'],
  ['postman-', 'postman-key'],
  ['pypi-', 'pypi-token'],
  ['rubygems-', 'rubygems-token'],
  ['sendgrid-', 'sendgrid-key'],
  ['sentry-', 'sentry-token'],
  ['shopify-', 'shopify-token'],
  ['slack-webhook', 'slack-webhook'],
  ['slack-', 'slack-token'],
  ['square-access-token', 'square-token'],
  ['stripe-', 'stripe-key'],
  ['tailscale-', 'tailscale-key'],
  ['vault-', 'hashicorp-vault-token'],
  ['vercel-', 'vercel-token'],
];

/** The name that masks and policies know a rule by. */
export function familyOf(id) {
  return families.find(([beginning]) => id.startsWith(beginning))?.[1] ?? id.replace(/\.\d+$/, '');
}

/** Hosts, names and identifiers of tenants: they say whose a secret is and grant nothing. Believed at the record point only. */
export const identifiers = new Set([
  'artifactory-jfrog-url',
  'azure-client-id',
  'azure-storage-account-name',
  'azure-tenant-id',
  'cloudinary-cloud-name',
  'planetscale-id',
  'polymarket-address',
  'salesforce-instance-url.1',
  'snowflake-account-host.1',
  'supabase-project-url',
  'tableau-personal-access-token-name.1',
  'tableau-server-host.1',
]);

/** Where to look for patterns whose most marked part is not where they begin. */
export const anchors = {
  'azure-storage-account-key': { keywords: ['@blob'], min: 0, max: 0, near: ['accountkey', 'azure', 'storage'] },
  'airtable-personnal-access-token': { keywords: ['@blob'], min: 18, max: 18, near: ['airtable'] },
  'azure-ad-client-secret': { keywords: ['q~'], min: 4, max: 4 },
  'ebay-client-id': { keywords: ['-prd-'], min: 3, max: 73 },
  'microsoft-teams-webhook': { keywords: ['.webhook'], min: 9, max: 48 },
  'openai-api-key': { keywords: ['t3blbkfj'], min: 23, max: 86 },
  'salesforce-instance-url.1': { keywords: ['.salesforce.com'], min: 3, max: 80 },
  'sidekiq-sensitive-url': { keywords: ['enterprise.con', 'gems.con'], min: 25, max: 26 },
  'slack-webhook-url': { keywords: ['hooks.sl'], min: 0, max: 8 },
  'snowflake-account-host.1': { keywords: ['.snowflakecomputing'], min: 1, max: 80 },
  'supabase-project-url': { keywords: ['.supabas'], min: 24, max: 40 },
  'tableau-server-host.1': { keywords: ['.online.'], min: 1, max: 63 },
};

/** Patterns written anew, since the published ones can begin at any letter of a text. */
export const rewritten = {
  'azure-storage-account-name': [
    String.raw`\b(?i:accountname)\s{0,8}=\s{0,8}([a-z0-9]{3,24})\b`,
    String.raw`(?i:storage_?account_?name)\=([a-z0-9]{3,24})\;`,
  ],
  'azure-storage-account-key': [String.raw`([A-Za-z0-9+/]{86}==)\>`],
  'ebay-client-id': [String.raw`\b(\w{1,40}-\w{1,32}-PRD-[a-f0-9]{8,12}-[a-f0-9]{8,12})\b`],
  'ibm-cloud-user-api-key': [
    String.raw`(?i:ibm)(?i:cloud)?\=([\w-]{42,44})\;`,
    { regex: String.raw`(?i:bx)\=([\w-]{42,44})\;`, anchor: { keywords: ['bx'], min: 0, max: 0, near: ['ibm'] } },
  ],
  'salesforce-access-token.1': [String.raw`\b(00D[A-Za-z0-9]{12}![A-Za-z0-9._-]{80,260})\>`],
  'sidekiq-sensitive-url': [
    String.raw`\b(?i:https?)://([a-fA-F0-9]{8}:[a-fA-F0-9]{8})@(?i:(?:gems|enterprise)\.contribsys\.com)\b`,
  ],
  'snowflake-programmatic-access-token.1': [
    String.raw`(?i:snowflake[_. -]{0,3}(?:programmatic[_. -]{0,3})?(?:access[_. -]{0,3})?token|sf[_. -]?token)\=([A-Za-z0-9_-]{100,500})\;`,
  ],
  'sourcegraph-access-token': [
    String.raw`\b(?i:(sgp_(?:[a-f0-9]{16}|local)_[a-f0-9]{40}))\>`,
    String.raw`\b(?i:(sgp_[a-f0-9]{40}))\>`,
    String.raw`(?i:sourcegraph)\=([a-fA-F0-9]{40})\;`,
  ],
};
