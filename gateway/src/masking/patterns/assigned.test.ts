import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mergeHits } from '../marks.ts';
import { createSecretPatterns } from './secrets.ts';

const detector = createSecretPatterns();

/** `<…>` marks what must be found; a case without it must find nothing. */
const CASES: readonly string[] = [
  'password=<hunter2>',
  'DB_PASSWORD=<letmein>',
  'mysql --password=<s3cret!>  --user=x',
  'password: <hunter2>, user: bob',
  'password: "<correct horse battery staple>"',
  "passwd => '<x>'",
  '{"api_key":"<abc>","n":1}',
  '{"clientSecret": "<a\\"b\\\\c>", "x": 2}',
  '{\\"password\\":\\"<a b>\\",\\"x\\":1}',
  'API key: <k9-33-xyz>',
  'Access token: <Zm9vYmFyZm9vYmFy>',
  'postgres://h/db?password=<abc123>&sslmode=require',
  'Server=db;Password=<p@ss>;Database=x',
  '(password=<abc123>)',
  'f(token=<a1b2c3d4>) and more',
  'Authorization: <Bearer abcdef0123456789>',
  "-H 'Authorization: <token 0123456789abcdef>' https://x",
  'Cookie: <sid=abc123; theme=dark>',
  'Set-Cookie: <sid=s3cr3tv4lue; Path=/; HttpOnly>',
  '| DB_PASSWORD | <hunter2hunter2> |',
  '  secret_key_base: <0a1b2c3d4e5f>',
  'PGPASSWORD=<abc> psql',
  'aws_session_token = <IQoJb3JpZ2luX2Vj>',
  'password=<a{b}c]d>',
  'token: <AAAAAAAAAAAAAAAAAAAA>',
  'NEW_PASSWORD_PROD=<x1y2z3>',
  'machine api.github.com login bob password <s3cr3tpw>',
  'curl -u admin:<hunter2> https://x',
  'sshpass -p <letmein> ssh x',
  'The password is <hunter2>, tell nobody',
  // Names that do not count.
  '"cookie": "0.6.0", "passport": "^0.7.0-beta.1", "token": "1.2.3"',
  'docker run -u 1000:1000 x',
  'useradd -u bob:users',
  'the password is incorrect',
  '<title>password</title>'.replaceAll(/[<>]/g, '|'),
  'next_page_token=abc123def456',
  'password_reset_url=https://a.test/x1',
  'secret_name: prod/db-1',
  'tokens: 4096',
  'key: value1',
  'compass=north1',
  'PASSWORD=<CorrectHorse>',
  'PASSWORD=<abc(def>',
  'password: <Tr0ub4dor>;',
  "headers: { Authorization: '<Basic dXNlcjpwYXNzd29y>' }",
  // Values that are none.
  'login(user, password=user_password, token=creds.access_token)',
  'const clientSecret = isPublicClient;',
  '{ sessionId: sessionId, privateKey: pemEncodedPrivateKey }',
  "console.log('created with session ID:', sessionId);",
  'const setCookie = (c, name, value) => {',
  'declare const deleteCookie: (c: Context, name: string) => string | undefined;',
  'exports.setCookie = setCookie;',
  'Authorization: undefined, // do not pass 3 headers on',
  'tokenValue = headerToken',
  '{ resumptionToken: notificationsLastEventId }',
  'token: "YOUR-TOKEN", password: "your password"',
  'const cookie = await serializeSigned(name1, value2);',
  ['an unknown token: $', '{JSON.stringify(n1)}'].join(''),
  "password: '' + prefix1",
  'password: required',
  'password=',
  'token: string;',
  ['password = $', '{PASSWORD}'].join(''),
  'password: ****',
  'token = getToken(1)',
  'token = tokens[0]',
  'token := req.header.token',
  'password = process.env.DB_PASSWORD1',
  'if (token === expected1) {}',
  'the secret: be kind to people',
  'token = 42',
  '| password | created_at |',
  'secret: env:API_KEY_1',
];

for (const marked of CASES) {
  test(`named value: ${marked}`, () => {
    const text = marked.replaceAll(/[<>]/g, (found, at: number) => (isArrow(marked, at) ? found : ''));
    const want = [...marked.matchAll(/<((?:[^<>])*)>/g)].map((match) => match[1]);
    const found = mergeHits(detector.find(text));
    assert.deepEqual(
      found.map(({ start, end }) => text.slice(start, end)),
      want,
    );
  });
}

test('named value: in an element', () => {
  const text = '<db><user>bob</user><db:password>hunter2</db:password><note>a</note><apiKey></apiKey></db>';
  assert.deepEqual(
    detector.find(text).map(({ start, end }) => text.slice(start, end)),
    ['hunter2'],
  );
});

test('named value: I15: names beyond judging in reasonable time are masked unjudged, not read for ever', () => {
  assert.deepEqual(detector.find('Authorization: '.repeat(10)), []);
  const text = 'Authorization: '.repeat(20_000);
  const masked = mergeHits(detector.find(text)).reduce((sum, { start, end }) => sum + end - start, 0);
  assert.ok(masked > text.length / 2, `${masked} of ${text.length} characters`);
});

/** The `>` of `=>`. */
function isArrow(text: string, at: number): boolean {
  return text[at - 1] === '=' && text[at] === '>';
}
