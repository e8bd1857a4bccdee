/**
 * Formats that secretlint's rules and the issuers' own documentation describe, in the terms of the converted rules:
 * `regex` in the syntax of `parsePattern`, `entropy` above which the secret must be. Facts only; see NOTICE.
 */
const formats = {
  'anthropic-key': [{ regex: String.raw`\b(sk-ant-(?:api|admin)0\d-[\w-]{90,128}AA)\>`, entropy: 3 }],
  'atlassian-token': [{ regex: String.raw`\b((?:ATATT3|ATCTT3)[\w=-]{60,250}|ATBB[A-Za-z0-9]{32})\>`, entropy: 3.5 }],
  'aws-access-key-id': [
    {
      regex: String.raw`\b((?:AKIA|ASIA|ABIA|ACCA|AGPA|AIDA|AROA|AIPA|ANPA|ANVA)[A-Z0-9]{16})\b`,
      entropy: 3,
      rejects: ['EXAMPLE$'],
    },
  ],
  'aws-account-id': [
    {
      regex: String.raw`(?i:aws_?account_?(?:id)?)["']?\s*(?:=>|:=|=|:)\s*["']?(\d{4}-?\d{4}-?\d{4})["']?\b`,
      mark: 'weak',
    },
  ],
  'azure-client-id': [
    { regex: String.raw`(?i:azure_?client_?id)\=([\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12})\;`, mark: 'weak' },
  ],
  'azure-tenant-id': [
    { regex: String.raw`(?i:tenant_?id)\=([\da-fA-F]{8}(?:-[\da-fA-F]{4}){3}-[\da-fA-F]{12})\;`, mark: 'weak' },
  ],
  'cloudflare-token': [{ regex: String.raw`\b((?:cfk|cfut|cfat)_[A-Za-z0-9]{40}[0-9a-f]{8})\>`, entropy: 3 }],
  'databricks-token': [{ regex: String.raw`\b(dapi[A-Fa-f0-9]{32}(?:-\d)?)\>`, entropy: 3 }],
  'discord-bot-token': [{ regex: String.raw`\b([MNO][A-Za-z\d_-]{23,25}\.[\w-]{6}\.[\w-]{27,38})\>`, entropy: 4 }],
  'discord-webhook': [
    { regex: String.raw`(?i:discord(?:app)?\.com/api/webhooks/)(\d{17,20}/[\w-]{60,80})\>`, entropy: 3.5 },
  ],
  'docker-token': [{ regex: String.raw`\b(dckr_[po]at_[\w-]{27,32})\>`, entropy: 3 }],
  'doppler-token': [
    { regex: String.raw`\b(dp\.(?:ct|st|sa|scim|audit)\.(?:[a-z0-9_-]{2,35}\.)?[A-Za-z0-9]{40,44})\>`, entropy: 3 },
  ],
  'dropbox-token': [{ regex: String.raw`\b(sl\.(?:u\.)?[\w-]{130,1500})\>`, entropy: 3.5 }],
  'figma-token': [{ regex: String.raw`\b(figd_[\w-]{40,200})\>`, entropy: 3 }],
  'github-token': [
    { regex: String.raw`\b((?:gho|ghp|ghr|ghs|ghu)_[A-Za-z0-9_]{36})\>`, entropy: 1.2 },
    { regex: String.raw`\b(ghs_\d{1,20}_[\w-]{1,1000}\.[\w-]{1,4000}\.[\w-]{1,1000})\>`, entropy: 3 },
  ],
  'gitlab-token': [
    { regex: String.raw`\b(gl(?:pat|rt|dt|ft|imt|soat|agent|cbt|ptt|ffct|oas)-[\w-]{20,128})\>`, entropy: 3 },
  ],
  'google-oauth-secret': [{ regex: String.raw`\b(GOCSPX-[\w-]{28})\>`, entropy: 3 }],
  'google-oauth-token': [{ regex: String.raw`\b(ya29\.[\w-]{30,1024})\>`, entropy: 3 }],
  'grafana-token': [
    { regex: String.raw`\b(glc_[A-Za-z0-9+/]{32,400}={0,2})\>`, entropy: 3 },
    { regex: String.raw`\b(glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8})\>`, entropy: 3 },
  ],
  'groq-key': [{ regex: String.raw`\b(gsk_[a-zA-Z0-9]{52})\>`, entropy: 3 }],
  'hashicorp-vault-token': [{ regex: String.raw`\b((?:hvs|hvr)\.[\w-]{90,120}|hvb\.[\w-]{138,300})\>`, entropy: 3.5 }],
  'huggingface-token': [{ regex: String.raw`\b(hf_[a-zA-Z]{34})\>`, entropy: 2 }],
  jwt: [
    {
      regex: String.raw`\b(eyA[A-Za-z0-9_-]{16,1000}\.ey[A-Za-z0-9/\\_-]{17,4000}\.(?:[A-Za-z0-9/\\_-]{10,2000}={0,2})?)\>`,
      entropy: 3,
    },
  ],
  'linear-key': [{ regex: String.raw`\b(lin_(?:api|oauth)_[A-Za-z0-9_]{32,128})\>`, entropy: 3 }],
  'mailgun-key': [{ regex: String.raw`\b(key-[0-9a-f]{32})\>`, entropy: 3 }],
  'nats-seed': [{ regex: String.raw`\b(S[ACNOUPX][A-Z2-7]{56})\b`, entropy: 3.5 }],
  'newrelic-key': [
    { regex: String.raw`\b(NR(?:AK|AA)-[A-Z0-9]{27}|NRII-[A-Za-z0-9_-]{32}|NRJS-[0-9a-f]{19})\>`, entropy: 3 },
  ],
  'private-key': [
    {
      regex: String.raw`(?i:-----begin[ a-z0-9_-]{0,60}private key(?: block)?-----)[\s\w+/=\\:,.-]{64,4000}?(?i:key(?: block)?-----)`,
      entropy: 3.5,
      anchor: { keywords: ['-----begin'], min: 0, max: 0 },
    },
  ],
  'nuget-password': [
    {
      regex: String.raw`(?i:<add)\s{1,4}(?i:key)="[\w.:-]{0,40}(?i:password|passwd|secret|apikey|token)"\s{0,8}(?i:value)="([^"]{4,256})"`,
      rejects: ['^%\\S+%$', '^\\$\\{.*\\}$', '^#\\{.*\\}#?$'],
    },
  ],
  'notion-token': [{ regex: String.raw`\b(ntn_\d{11}[A-Za-z0-9]{35})\>`, entropy: 3 }],
  'npm-token': [
    { regex: String.raw`\b(npm_[A-Za-z0-9_]{36})\>`, entropy: 3 },
    { regex: String.raw`(?i:_authtoken)\s*=\s*["']?([\w+/=.~-]{16,400})\;`, entropy: 0.5 },
  ],
  'onepassword-token': [{ regex: String.raw`\b(ops_ey[A-Za-z0-9+/_-]{100,1280}={0,2})\>`, entropy: 4 }],
  'openai-key': [{ regex: String.raw`\b(sk-(?:proj|svcacct|admin)-[\w-]{40,300})\>`, entropy: 3.5, digits: 2 }],
  'planetscale-token': [{ regex: String.raw`\b(pscale_(?:tkn|pw|oauth)_[\w=.-]{32,64})\>`, entropy: 3 }],
  'postman-key': [{ regex: String.raw`\b(PMAK-[a-fA-F0-9]{24}-[a-fA-F0-9]{34})\>`, entropy: 3 }],
  'pypi-token': [{ regex: String.raw`\b(pypi-AgE(?:IcHlwaS5vcmc|NdGVzdC5weXBpLm9yZw)[\w-]{50,1000})\>`, entropy: 3 }],
  'sendgrid-key': [{ regex: String.raw`\b(SG\.[\w-]{16,32}\.[\w-]{32,64})\>`, entropy: 3 }],
  'sentry-token': [{ regex: String.raw`\b(sntrys_[\w/+=-]{80,400}|sntryu_[a-f0-9]{64})\>`, entropy: 3 }],
  'shopify-token': [{ regex: String.raw`\b(shp(?:pa|ca|at|ss)_[a-zA-Z0-9]{32,64})\>`, entropy: 3 }],
  'slack-token': [
    {
      regex: String.raw`\b((?:xox[abopr]|xapp)-(?:\d-)?[A-Z0-9]{8,14}(?:-[a-zA-Z0-9]{1,90}){1,5})\>`,
      entropy: 2.5,
      digits: 6,
    },
  ],
  'slack-webhook': [
    {
      regex: String.raw`(?i:hooks\.slack\.com/(?:services|workflows|triggers))/(T[A-Za-z0-9]{1,40}/[AB][A-Za-z0-9]{1,40}/[A-Za-z0-9/]{10,80})\>`,
    },
  ],
  'square-token': [{ regex: String.raw`\b(sq0(?:atp|csp|idp)-[\w-]{22,60})\>`, entropy: 3 }],
  'stripe-key': [
    { regex: String.raw`\b((?:sk|rk)_(?:live|test|prod)_[a-zA-Z0-9]{24,250})\>`, entropy: 3 },
    { regex: String.raw`\b(whsec_[A-Za-z0-9+/=]{32,64})\>`, entropy: 3 },
  ],
  'terraform-password': [
    {
      regex: String.raw`(?i:administrator_login_password)\s{0,4}=\s{0,4}"([\w=-]{8,40})"`,
      rejects: ['^var\\.', '^\\$'],
    },
  ],
  'tailscale-key': [{ regex: String.raw`\b(tskey-[a-z]{2,20}-[0-9A-Za-z_]{8,40}-[0-9A-Za-z_]{16,60})\>`, entropy: 3 }],
  'telegram-bot-token': [{ regex: String.raw`\b(\d{8,10}:AA[A-Za-z0-9_-]{32,33})\>`, entropy: 3.5 }],
  'x-oauth-basic': [
    {
      regex: String.raw`(?i:https?)://([^\s:/@"']{8,256}):x-oauth-basic@github\.com`,
      anchor: { keywords: ['://'], min: 4, max: 5 },
    },
  ],
};

export const ownRules = Object.entries(formats).flatMap(([id, patterns]) =>
  patterns.map(({ regex, entropy = 0, rejects = [], digits = 0, mark = 'own', anchor }) => ({
    id,
    regex,
    entropy,
    mark,
    anchor,
    keywords: [],
    allowlists: [{ regexes: rejects }],
    needs: digits === 0 ? [] : [`^(?:[^0-9]*[0-9]){${digits}}`],
  })),
);
