// Synthetic secrets and look-alikes for tests, put together at run time so that the repository holds nothing a scanner
// would flag. Never used by the gateway itself.

/** A small deterministic generator: the same seed, the same samples. */
export function createSampler(seed: number): (alphabet: string, length: number) => string {
  let state = seed >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  return (alphabet, length) =>
    Array.from({ length }, () => alphabet.charAt(next() % alphabet.length)).join('');
}

type Draw = ReturnType<typeof createSampler>;

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';
const HEX = '0123456789abcdef';
const WORD = LOWER + UPPER + DIGITS;
const BASE64 = `${WORD}+/`;
const URLSAFE = `${WORD}_-`;
const join = (...parts: string[]): string => parts.join('');

function jwt(draw: Draw): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return [
    part({ alg: 'HS256', typ: 'JWT' }),
    part({ sub: draw(DIGITS, 8), name: 'x' }),
    draw(URLSAFE, 43),
  ].join('.');
}

function pem(draw: Draw, kind: string): string {
  const lines = Array.from({ length: 13 }, () => draw(BASE64, 64));
  const bar = '-'.repeat(5);
  return [
    `${bar}BEGIN ${kind}PRIVATE KEY${bar}`,
    join('MII', draw(BASE64, 61)),
    ...lines,
    `${bar}END ${kind}PRIVATE KEY${bar}`,
  ].join('\n');
}

export type Sample = {
  readonly kind: string;
  /** The part that must be gone. */
  readonly secret: (draw: Draw) => string;
  /** How it stands in text, when it is not by itself. */
  readonly within?: (secret: string) => string;
};

export const SECRET_SAMPLES: readonly Sample[] = [
  { kind: 'aws access key id', secret: (draw) => join('AK', 'IA', draw(`${UPPER}234567`, 16)) },
  {
    kind: 'aws secret access key',
    secret: (draw) => draw(BASE64, 40),
    within: (s) => join('aws_secret_', 'access_key = ', s),
  },
  { kind: 'google api key', secret: (draw) => join('AI', 'za', draw(URLSAFE, 34), 'x') },
  { kind: 'google oauth token', secret: (draw) => join('ya', '29.', 'a0', draw(URLSAFE, 120)) },
  { kind: 'github classic', secret: (draw) => join('gh', 'p_', draw(WORD, 36)) },
  {
    kind: 'github fine-grained',
    secret: (draw) => join('github', '_pat_', draw(WORD, 22), '_', draw(WORD, 59)),
  },
  { kind: 'gitlab', secret: (draw) => join('gl', 'pat-', draw(WORD, 20)) },
  {
    kind: 'slack bot',
    secret: (draw) => join('xo', 'xb-', draw(DIGITS, 12), '-', draw(DIGITS, 12), '-', draw(WORD, 24)),
  },
  {
    kind: 'slack webhook',
    secret: (draw) => join('T', draw(UPPER, 8), '/B', draw(UPPER, 8), '/', draw(WORD, 24)),
    within: (s) => join('https://hooks.', 'slack.com/services/', s),
  },
  { kind: 'stripe', secret: (draw) => join('sk', '_live_', draw(WORD, 24)) },
  {
    kind: 'openai project',
    secret: (draw) => join('sk', '-proj-', draw(WORD, 40), draw(DIGITS, 2), draw(WORD, 20)),
  },
  { kind: 'anthropic', secret: (draw) => join('sk', '-ant-api03-', draw(URLSAFE, 93), 'AA') },
  { kind: 'hugging face', secret: (draw) => join('hf', '_', draw(LOWER + UPPER, 33), '7') },
  { kind: 'sendgrid', secret: (draw) => join('S', 'G.', draw(WORD, 22), '.', draw(WORD, 43)) },
  { kind: 'twilio', secret: (draw) => join('S', 'K', draw(HEX, 32)) },
  { kind: 'npm', secret: (draw) => join('np', 'm_', draw(WORD, 36)) },
  { kind: 'pypi', secret: (draw) => join('py', 'pi-', 'AgEIcHlwaS5vcmc', draw(URLSAFE, 100)) },
  { kind: 'digitalocean', secret: (draw) => join('do', 'p_v1_', draw(HEX, 64)) },
  {
    kind: 'azure storage',
    secret: (draw) => join(draw(BASE64, 86), '=='),
    within: (s) =>
      join('DefaultEndpointsProtocol=https;AccountName=a;Account', 'Key=', s, ';EndpointSuffix=core'),
  },
  { kind: 'vault', secret: (draw) => join('hv', 's.', draw(URLSAFE, 92)) },
  { kind: 'docker', secret: (draw) => join('dckr', '_pat_', draw(WORD, 27)) },
  { kind: 'age', secret: (draw) => join('AGE-SECRET', '-KEY-1', draw(UPPER + DIGITS, 58)) },
  { kind: 'jwt', secret: jwt },
  { kind: 'pem rsa', secret: (draw) => pem(draw, 'RSA ') },
  { kind: 'pem pkcs8', secret: (draw) => pem(draw, '') },
  {
    kind: 'bearer',
    secret: (draw) => join(draw(HEX, 40)),
    within: (s) => join('Authorization: ', 'Bearer ', s),
  },
  {
    kind: 'basic',
    secret: (draw) => Buffer.from(join('user:', draw(WORD, 12))).toString('base64'),
    within: (s) => join('Authorization: ', 'Basic ', s),
  },
  {
    kind: 'password assignment',
    secret: (draw) => join(draw(WORD, 10), '7!'),
    within: (s) => join('pass', 'word=', s),
  },
  {
    kind: 'database url',
    secret: (draw) => join(draw(WORD, 14), '9'),
    within: (s) => join('postgres://', 'app:', s, '@db.internal:5432/orders'),
  },
  {
    kind: 'url with an @ in the password',
    secret: (draw) => join(draw(WORD, 6), '@', draw(WORD, 6)),
    within: (s) => join('amqp://', 'svc:', s, '@mq.internal'),
  },
  { kind: 'shopify', secret: (draw) => join('shp', 'at_', draw(HEX, 32)) },
  { kind: 'databricks', secret: (draw) => join('da', 'pi', draw(HEX, 32)) },
  { kind: 'tailscale', secret: (draw) => join('ts', 'key-auth-', draw(WORD, 12), '-', draw(WORD, 30)) },
  { kind: 'telegram bot', secret: (draw) => join('1', draw(DIGITS, 9), ':A', 'A', draw(URLSAFE, 32), 'x') },
  { kind: 'atlassian', secret: (draw) => join('ATA', 'TT3xFf', draw(WORD, 100)) },
  {
    kind: 'discord bot',
    secret: (draw) => join('M', draw(WORD, 25), '.', draw(WORD, 6), '.', draw(WORD, 38)),
  },
  { kind: 'bcrypt', secret: (draw) => join('$2', 'b$12$', draw(WORD, 53)) },
  { kind: 'countersign key', secret: (draw) => join('cs', '_agent_', draw(URLSAFE, 43)) },
];

/** Where a sample stands: what an upstream's answer looks like. */
export const CONTEXTS: readonly { readonly name: string; readonly put: (text: string) => string }[] = [
  { name: 'JSON text', put: (text) => JSON.stringify({ id: 17, note: text, ok: true }, null, 1) },
  {
    name: 'JSON in JSON',
    put: (text) => JSON.stringify({ body: JSON.stringify({ lines: `first\n${text}\nlast` }) }),
  },
  { name: 'prose', put: (text) => `The deploy job printed ${text} before it stopped, see line 42.` },
  {
    name: 'a table row',
    put: (text) => `| 7 | build | ${text} | 2026-11-21 |\n| 8 | test | none | 2026-11-22 |`,
  },
  { name: 'the start and end of text', put: (text) => text },
  { name: 'a log line', put: (text) => `2026-11-21T04:00:00Z INFO [worker-3] env="${text}" took=12ms` },
];

/** Harmless values that look like secrets or personal data. None may be touched. */
export const LOOKALIKES: readonly { readonly kind: string; readonly value: (draw: Draw) => string }[] = [
  { kind: 'uuid', value: (draw) => [8, 4, 4, 4, 12].map((length) => draw(HEX, length)).join('-') },
  { kind: 'git commit', value: (draw) => draw(HEX, 40) },
  { kind: 'sha256 digest', value: (draw) => `sha256:${draw(HEX, 64)}` },
  { kind: 'md5', value: (draw) => draw(HEX, 32) },
  { kind: 'epoch milliseconds', value: (draw) => `17${draw(DIGITS, 11)}` },
  { kind: 'iso time', value: () => '2026-11-21T04:07:17.123Z' },
  { kind: 'order id of 16 digits', value: (draw) => `9${draw(DIGITS, 15)}` },
  { kind: 'arn', value: (draw) => `arn:aws:iam::${draw(DIGITS, 12)}:role/deploy-${draw(LOWER, 6)}` },
  { kind: 'pod name', value: (draw) => `checkout-api-${draw(HEX, 10)}-${draw(LOWER, 5)}` },
  { kind: 'image reference', value: (draw) => `ghcr.io/acme/api@sha256:${draw(HEX, 64)}` },
  { kind: 'base64 image', value: (draw) => `data:image/png;base64,iVBORw0KGgo${draw(BASE64, 120)}` },
  { kind: 'price', value: (draw) => `EUR 1${draw(DIGITS, 3)}.${draw(DIGITS, 2)}` },
  { kind: 'version', value: () => '1.22.333-beta.4444' },
  { kind: 'ipv4', value: () => '10.20.30.40:5432' },
  { kind: 'ipv6', value: () => '2001:db8:85a3::8a2e:370:7334' },
  { kind: 'path', value: () => '/usr/local/lib/node_modules/token-bucket/secret-santa.ts' },
  { kind: 'url', value: (draw) => `https://example.com/reset-password?step=2&page_token=${draw(WORD, 12)}` },
  { kind: 'ulid', value: (draw) => `01J${draw('0123456789ABCDEFGHJKMNPQRSTVWXYZ', 23)}` },
  { kind: 'subresource integrity', value: (draw) => `sha512-${draw(BASE64, 86)}==` },
  {
    kind: 'prose about secrets',
    value: () => 'Your password: required. The token expired; the secret: unknown, api key: missing.',
  },
  {
    kind: 'code',
    value: () =>
      'const token = process.env.API_TOKEN; if (password === other.password) login(secret, getToken());',
  },
  {
    kind: 'type',
    value: () => 'type Login = { password: string; token?: string; apiKey: string | undefined };',
  },
  {
    kind: 'usage',
    value: () =>
      '"usage": {"max_tokens": 4096, "total_tokens": 812, "token_type": "bearer", "progressToken": 7}',
  },
  {
    kind: 'shell reference',
    value: () =>
      join(
        'curl -H "Authorization: Bearer $TOKEN" -u "$USER:$PASSWORD" --password=$',
        '{PASS} https://a.test',
      ),
  },
];
