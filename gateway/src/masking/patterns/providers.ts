// Credentials recognised by the prefix their vendor publishes, where the vendors' rule set (secretlint.ts) has none, is
// stricter than what is in use, or wants a boundary that real text lacks. Lengths are lower bounds on purpose: a vendor
// that lengthens its tokens must not slip through.
import type { Shape } from './pattern.ts';

/** Not inside a longer word. */
const L = '(?<![A-Za-z0-9])';
/** After digits too, as vendors' own rules have it. */
const NOT_LETTER = '(?<![A-Za-z])';
const WORD = '[A-Za-z0-9_-]';

function token(label: string, prefix: string, body: string): Shape {
  return { label, anchors: [prefix], shape: `${L}${prefix.replaceAll(/[.$]/g, '\\$&')}${body}` };
}

export const PROVIDERS: readonly Shape[] = [
  {
    label: 'aws-access-key-id',
    anchors: ['AKIA', 'ASIA', 'A3T', 'ABIA', 'ACCA'],
    shape: `${L}(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])`,
  },
  {
    label: 'aws-signature',
    anchors: ['X-Amz-Signature='],
    shape: 'X-Amz-Signature=([0-9a-f]{64})',
    flags: 'i',
  },
  token('google-api-key', 'AIza', `${WORD}{35,60}`),
  token('google-oauth-token', 'ya29.', `${WORD}{20,2048}`),
  token('google-oauth-secret', 'GOCSPX-', `${WORD}{20,60}`),
  { label: 'google-refresh-token', anchors: ['1//0'], shape: `${L}1//0${WORD}{20,512}` },
  {
    label: 'github-token',
    anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'],
    shape: `${L}(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{30,255})`,
  },
  {
    label: 'gitlab-token',
    anchors: [
      'glpat-',
      'gldt-',
      'glrt-',
      'glptt-',
      'glcbt-',
      'glsoat-',
      'glft-',
      'glagent-',
      'glimt-',
      'gloas-',
      'glffct-',
    ],
    shape: `${NOT_LETTER}gl(?:pat|dt|rt|ptt|cbt|soat|ft|agent|imt|oas|ffct)-[A-Za-z0-9_.=-]{16,255}`,
  },
  {
    label: 'slack-token',
    anchors: [
      'xoxb-',
      'xoxp-',
      'xoxa-',
      'xoxr-',
      'xoxs-',
      'xoxc-',
      'xoxd-',
      'xoxe-',
      'xoxe.',
      'xapp-',
      'xwfp-',
    ],
    shape: `${L}(?:xox[abprscde](?:\\.xox[bp])?|xapp|xwfp)-[A-Za-z0-9%-]{10,512}`,
  },
  {
    label: 'slack-webhook',
    anchors: ['hooks.slack.com'],
    shape: 'hooks\\.slack\\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,200})',
  },
  {
    label: 'discord-webhook',
    anchors: ['/api/webhooks/'],
    before: ['discord.com'.length, 'discordapp.com'.length],
    shape: 'discord(?:app)?\\.com/api/webhooks/([0-9]{15,22}/[A-Za-z0-9_-]{40,100})',
  },
  {
    label: 'telegram-token',
    anchors: [':AA'],
    before: [8, 10],
    shape: `(?<![A-Za-z0-9])[0-9]{8,10}:AA${WORD}{33}(?![A-Za-z0-9_-])`,
  },
  {
    label: 'ai-provider-key',
    anchors: [
      'sk-',
      'gsk_',
      'xai-',
      'pplx-',
      'r8_',
      'pcsk_',
      'lsv2_',
      'hf_',
      'nvapi-',
      'fw_',
      'tvly-',
      'csk-',
      'jina_',
    ],
    shape:
      `${L}(?:sk-[A-Za-z0-9_-]{20,256}|gsk_[A-Za-z0-9]{40,80}|xai-[A-Za-z0-9]{60,120}|pplx-[A-Za-z0-9]{40,80}` +
      `|r8_[A-Za-z0-9]{30,60}|pcsk_[A-Za-z0-9_]{40,120}|lsv2_(?:pt|sk)_[A-Za-z0-9_]{30,80}|hf_[A-Za-z0-9]{30,60}` +
      `|nvapi-[A-Za-z0-9_-]{40,120}|fw_[A-Za-z0-9]{20,60}|tvly-[A-Za-z0-9-]{20,80}|csk-[A-Za-z0-9]{40,80}|jina_[A-Za-z0-9]{40,120})` +
      `(?![A-Za-z0-9])`,
    digit_within: 260,
    accept: (match) => /[0-9]/.test(match) && /[A-Za-z]/.test(match.slice(5)),
  },
  {
    label: 'stripe-key',
    anchors: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_', 'whsec_'],
    shape: `${L}(?:[sr]k_(?:live|test)_[A-Za-z0-9]{16,255}|whsec_[A-Za-z0-9+/=]{24,128})`,
  },
  {
    label: 'digitalocean-token',
    anchors: ['dop_v1_', 'doo_v1_', 'dor_v1_'],
    shape: `${L}do[opr]_v1_[a-f0-9]{64}`,
  },
  { label: 'azure-sas', anchors: ['sig='], before: [1, 1], shape: '[?&;]sig=([A-Za-z0-9%+/=]{24,256})' },
  {
    label: 'azure-ad-secret',
    anchors: ['8Q~', '7Q~'],
    before: [3, 3],
    shape: `(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[78]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])`,
  },
  {
    label: 'twilio-key',
    anchors: [...'0123456789abcdef'].map((digit) => `SK${digit}`),
    shape: `${L}SK[0-9a-f]{32}(?![A-Za-z0-9])`,
  },
  { label: 'sendgrid-key', anchors: ['SG.'], shape: `${L}SG\\.${WORD}{16,64}\\.${WORD}{16,128}` },
  token('mailgun-key', 'key-', '[0-9a-f]{32}(?![A-Za-z0-9])'),
  {
    label: 'mailchimp-key',
    anchors: ['-us'],
    before: [32, 32],
    shape: `${L}[0-9a-f]{32}-us[0-9]{1,2}(?![A-Za-z0-9])`,
  },
  token('brevo-key', 'xkeysib-', '[A-Za-z0-9-]{40,128}'),
  token('pypi-token', 'pypi-', `${WORD}{50,512}`),
  token('npm-token', 'npm_', '[A-Za-z0-9]{30,128}'),
  token('rubygems-key', 'rubygems_', '[0-9a-f]{40,64}'),
  token('nuget-key', 'oy2', '[a-z0-9]{43}(?![A-Za-z0-9])'),
  token('docker-token', 'dckr_', '(?:pat|oat)_[A-Za-z0-9_-]{20,64}'),
  { label: 'vault-token', anchors: ['hvs.', 'hvb.', 'hvr.'], shape: `${L}hv[sbr]\\.${WORD}{20,400}` },
  {
    label: 'terraform-token',
    anchors: ['.atlasv1.'],
    before: [14, 14],
    shape: `${L}[A-Za-z0-9]{14}\\.atlasv1\\.[A-Za-z0-9_=-]{60,80}`,
  },
  token('pulumi-token', 'pul-', '[0-9a-f]{40}'),
  token('doppler-token', 'dp.', '(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{40,80}'),
  {
    label: 'atlassian-token',
    anchors: ['ATATT3', 'ATCTT3', 'ATBB'],
    shape: `${L}(?:AT[AC]TT3[A-Za-z0-9_=-]{50,300}|ATBB[A-Za-z0-9]{28,40})`,
  },
  {
    label: 'new-relic-key',
    anchors: ['NRAK-', 'NRJS-', 'NRII-'],
    shape: `${L}NR(?:AK|JS|II)-[A-Za-z0-9_-]{19,64}`,
  },
  {
    label: 'new-relic-key',
    anchors: ['NRAL'],
    before: [36, 36],
    shape: `${L}[0-9a-f]{36}NRAL`,
  },
  { label: 'sentry-token', anchors: ['sntry'], shape: `${L}sntry[su]_[A-Za-z0-9+/=_]{40,512}` },
  { label: 'grafana-token', anchors: ['glc_', 'glsa_'], shape: `${L}gl(?:c|sa)_[A-Za-z0-9+/=_]{32,512}` },
  {
    label: 'planetscale-token',
    anchors: ['pscale_'],
    shape: `${L}pscale_(?:tkn|pw|oauth)_[A-Za-z0-9_.-]{30,80}`,
  },
  {
    label: 'supabase-key',
    anchors: ['sbp_', 'sb_secret_'],
    shape: `${L}(?:sbp_[a-f0-9]{40}|sb_secret_[A-Za-z0-9_-]{20,80})`,
  },
  token('netlify-token', 'nfp_', '[A-Za-z0-9]{36,64}'),
  token('heroku-key', 'HRKU-', '[A-Za-z0-9_-]{36,80}'),
  {
    label: 'fly-token',
    anchors: ['fm1_', 'fm2_', 'fm1r_', 'fm2r_', 'fo1_'],
    shape: `${L}(?:fm[12]r?_[A-Za-z0-9+/=_-]{40,2048}|fo1_[A-Za-z0-9_-]{40,64})`,
  },
  token('postman-key', 'PMAK-', '[a-f0-9]{24}-[a-f0-9]{34}'),
  { label: 'airtable-token', anchors: ['pat'], shape: `${L}pat[A-Za-z0-9]{14}\\.[a-f0-9]{64}` },
  token('dropbox-token', 'sl.', `(?:u\\.)?${WORD}{100,2048}`),
  {
    label: 'square-token',
    anchors: ['sq0atp-', 'sq0csp-', 'EAAA'],
    shape: `${L}(?:sq0(?:atp|csp)-[A-Za-z0-9_-]{22,64}|EAAA[A-Za-z0-9_-]{60})`,
  },
  {
    label: 'shopify-token',
    anchors: ['shpat_', 'shpca_', 'shppa_', 'shpss_'],
    shape: `${L}shp(?:at|ca|pa|ss)_[A-Fa-f0-9]{32}`,
  },
  { label: 'sonar-token', anchors: ['sqp_', 'squ_', 'sqa_'], shape: `${L}sq[pua]_[a-f0-9]{40}` },
  { label: 'databricks-token', anchors: ['dapi'], shape: `${L}dapi[a-f0-9]{32}(?:-[0-9])?` },
  { label: 'figma-token', anchors: ['figd_', 'figo_'], shape: `${NOT_LETTER}fig[do]_${WORD}{30,200}` },
  {
    label: 'linear-key',
    anchors: ['lin_'],
    shape: `${NOT_LETTER}lin_(?:api|oauth)_[A-Za-z0-9_]{30,128}`,
  },
  {
    label: 'notion-token',
    anchors: ['ntn_', 'secret_'],
    shape: `${L}(?:ntn_[A-Za-z0-9]{40,64}|secret_[A-Za-z0-9]{43}(?![A-Za-z0-9]))`,
  },
  { label: 'mapbox-token', anchors: ['sk.eyJ'], shape: `${L}sk\\.eyJ${WORD}{20,512}\\.${WORD}{10,64}` },
  { label: 'tailscale-key', anchors: ['tskey-'], shape: `${L}tskey-[a-z]{2,20}-[A-Za-z0-9_-]{20,120}` },
  {
    label: 'artifactory-key',
    anchors: ['AKCp', 'cmVmd'],
    shape: `${L}(?:AKCp[A-Za-z0-9]{60,80}|cmVmd[A-Za-z0-9]{50,70})(?![A-Za-z0-9])`,
  },
  { label: 'age-key', anchors: ['AGE-SECRET-KEY-'], shape: 'AGE-SECRET-KEY-1[A-Z0-9]{40,80}', flags: 'i' },
  { label: 'onepassword-token', anchors: ['ops_eyJ'], shape: `${L}ops_eyJ[A-Za-z0-9+/=_-]{80,2048}` },
  token('countersign-key', 'cs_', `[a-z]{3,12}_${WORD}{40,128}`),
  {
    label: 'password-hash',
    anchors: ['$2a$', '$2b$', '$2y$', '$argon2', '$6$', '$5$', '$y$', '{SSHA'],
    shape:
      '(?:\\$2[aby]\\$[0-9]{2}\\$[./A-Za-z0-9]{53}|\\$argon2(?:id|i|d)\\$[A-Za-z0-9$+/=,]{30,256}' +
      '|\\$[56y]\\$[./A-Za-z0-9=,]{1,40}\\$[./A-Za-z0-9$]{20,128}|\\{SSHA(?:256|512)?\\}[A-Za-z0-9+/=]{28,128})',
  },
];
