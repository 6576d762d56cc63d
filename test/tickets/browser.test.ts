/**
 * A passkey of the gateway, used on a ticket system's page in a real Chromium, as docs/tickets.md says to: the browser asks the
 * gateway which origins are related (WebAuthn Level 3 §5.11), and refuses any other.
 */
import assert from 'node:assert/strict';
import { createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { encodeBase64Url, type ReviewDocument, reviewChallenge, reviewDocumentText } from '@countersign/core';
import { type Browser, chromium, type Page } from 'playwright-core';
import { createRig, type Rig } from '../../gateway/src/api/testing/rig.ts';
import { checkSignedReview, type SignedReview } from '../../gateway/src/passkeys/signed-review.ts';
import { passkeySite, relatedSite } from '../../gateway/src/passkeys/site.ts';
import { sampleSignedReview } from '../../gateway/testing/signed-review.ts';
import { chromiumPath, skip } from '../browser/browser.ts';
import { selfSigned } from '../mail/certificate.ts';

const GATE = 'https://gate.example.com';
const JIRA = 'https://jira.example.net';
const EVIL = 'https://evil.example.org';
const HOSTS = [GATE, JIRA, EVIL].map((origin) => new URL(origin).hostname);

/** What docs/tickets.md has a page of a ticket system do; it leaves `proof`. */
const [, SNIPPET = ''] =
  /^```js\n(.*?)^```$/ms.exec(readFileSync(new URL('../../docs/tickets.md', import.meta.url), 'utf8')) ?? [];

const ENROL = `(async () => {
  const key = await navigator.credentials.create({ publicKey: {
    rp: { id: 'gate.example.com', name: 'gate' }, user: { id: new Uint8Array(8), name: 'bob', displayName: 'Bob' },
    challenge: new Uint8Array(32), pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    authenticatorSelection: { userVerification: 'required' } } });
  return { id: key.id, spki: new Uint8Array(key.response.getPublicKey()).toBase64() };
})()`;
const SIGN = `(async () => { const body = '{}'; ${SNIPPET}; return proof.signature; })()`;

describe('a passkey on a ticket system’s page', { skip, timeout: 90_000 }, () => {
  let rig: Rig;
  let server: Server;
  let browser: Browser;
  let page: Page;
  let options = {};
  const asked: string[] = [];

  before(async () => {
    rig = await createRig({ public_url: GATE });
    Object.assign(rig.ports.tickets, { origins: () => [JIRA] });
    server = createServer(selfSigned(HOSTS), async (request, response) => {
      asked.push(`${request.headers.host}${request.url}`);
      if (request.url === '/my-backend/challenge')
        return void response.end(JSON.stringify({ challenge: { options } }));
      if (request.url === '/')
        return void response.setHeader('content-type', 'text/html').end('<h1>a page</h1>');
      const answer = await rig.ask(`${GATE}${request.url}`);
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      return void response.end(await answer.text());
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const rules = HOSTS.map((host) => `MAP ${host}:443 127.0.0.1:${port}`).join(', ');
    const args = ['--no-sandbox', '--ignore-certificate-errors', `--host-resolver-rules=${rules}`];
    browser = await chromium.launch({ executablePath: chromiumPath ?? '', args });
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    page = await context.newPage();
    const cdp = await context.newCDPSession(page);
    await cdp.send('WebAuthn.enable');
    const authenticator = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true } as const;
    const person = { hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    await cdp.send('WebAuthn.addVirtualAuthenticator', { options: { ...authenticator, ...person } });
  });
  after(async () => {
    await browser?.close();
    server?.close();
    await rig?.close();
  });

  it('signs there, as the docs say; the gateway takes it from there alone; no other page gets one', async () => {
    await page.goto(`${GATE}/`);
    const { id, spki } = (await page.evaluate(ENROL)) as { readonly id: string; readonly spki: string };
    const sample = sampleSignedReview();
    const document: ReviewDocument = {
      ...(JSON.parse(sample.review.document) as ReviewDocument),
      credential_id: id,
    };
    const challenge = encodeBase64Url(reviewChallenge(document));
    const allowCredentials = [{ type: 'public-key', id, transports: ['internal'] }];
    options = { challenge, rpId: 'gate.example.com', allowCredentials, userVerification: 'required' };

    await page.goto(`${JIRA}/`);
    const signature = (await page.evaluate(SIGN)) as Omit<SignedReview, 'document'>;
    assert.ok(asked.includes('gate.example.com/.well-known/webauthn'), 'the browser asked the gateway');

    const public_key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    const keys = new Map([[id, { ...sample.key, credential_id: id, public_key }]]);
    const review: SignedReview = { ...signature, document: reviewDocumentText(document) };
    const expected = { ...sample.expected, keys };
    const taken = checkSignedReview(review, { ...expected, site: relatedSite(GATE, [JIRA]) });
    assert.ok(taken.ok && taken.origin === JIRA, JSON.stringify(taken));
    assert.ok(!checkSignedReview(review, { ...expected, site: passkeySite(GATE) }).ok);
    assert.ok(!checkSignedReview(review, { ...expected, site: relatedSite(GATE, [EVIL]) }).ok);

    await page.goto(`${EVIL}/`);
    await assert.rejects(page.evaluate(SIGN), /SecurityError.*no listed origin matched/s);
  });
});
