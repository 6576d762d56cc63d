/** A whole gateway that people come into through a real provider, with an agent in front and a real upstream behind. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Client, createClient } from '@countersign/sdk';
import { loadConfig } from '../../gateway/src/config/config.ts';
import { type Gateway, startGateway } from '../../gateway/src/main.ts';
import { Browser, type Idp, startIdp } from '../../gateway/testing/idp.ts';
import { openYard, UPSTREAM_SECRET, type Yard } from '../gateway/yard.ts';

export const ASKS_DBA = `version: 1
rules:
  - { id: sessions, about: connecting is free, on: mcp, where: { class: session }, then: allow }
  - { id: reads, about: reading is free, on: mcp, where: { class: read }, then: allow }
  - { id: writes, about: writing asks a DBA, on: mcp, where: { class: [write, destructive] }, then: require, approve: [{ by: "group:dba" }] }
`;

export type House = {
  readonly yard: Yard;
  readonly idp: Idp;
  readonly url: string;
  readonly log: string[];
  gateway: Gateway;
  /** How far the gateway’s clock is ahead of this machine’s. */
  ahead_ms: number;
  /** Signs in with the provider as a browser would; answers the last response of the gateway. */
  signIn(sub: string, browser?: Browser, body?: object): Promise<SignedIn>;
  /** A command line signed in with a one-time link. */
  withLink(person: string): Promise<Client>;
  close(): Promise<void>;
};
export type SignedIn = {
  readonly browser: Browser;
  readonly response: Response;
  /** Where the provider sent the browser back to. */
  readonly back: string;
  /** Asks the gateway as the browser’s page would. */
  api(path: string, init?: { readonly method?: string; readonly body?: object }): Promise<Response>;
};

export async function openSignInHouse(): Promise<House> {
  const yard = await openYard();
  await yard.house.gateway.close();
  const config_file = path.join(yard.dir, 'countersign.yaml');
  const url = loadConfig(config_file).public_url;
  const idp = await startIdp({
    redirect_uris: [`${url}/sign-in/corp/callback`],
    post_logout: [`${url}/sign-in`],
  });
  await writeFile(path.join(yard.dir, 'idp-secret'), idp.client_secret, { mode: 0o600 });
  await yard.writePolicy(ASKS_DBA);
  await yard.editConfig(
    (text) => `${text}
groups: { dba: [] }
sign_in:
  oidc:
    corp:
      name: Corp
      issuer: ${idp.issuer}
      client_id: ${idp.client_id}
      client_secret: file:./idp-secret
      create: true
      groups: { idp-dba: dba }
      roles: { reviewer: [idp-staff], operator: [idp-admins] }
    other:
      name: Other
      issuer: https://other.invalid
      client_id: x
      client_secret: file:./idp-secret
`,
  );
  const say = (level: string) => (fields: object, message: string) =>
    void yard.log.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const house: House = {
    yard,
    idp,
    url,
    log: yard.log,
    gateway: undefined as unknown as Gateway,
    ahead_ms: 0,
    signIn: (sub, browser = new Browser(), body = {}) => signIn(house, sub, { browser, body }),
    async withLink(person) {
      house.ahead_ms += 10_000; // links are limited by address, and all of these come from one
      const code = await house.gateway.sessions.issueCode(person);
      const { token } = await createClient({ url }).signIn({ code, kind: 'cli' });
      return createClient({ url, ...(token === undefined ? {} : { token }) });
    },
    async close() {
      await yard.close();
      await idp.close();
    },
  };
  house.gateway = await startGateway({
    config: loadConfig(config_file),
    config_file,
    log: { info: say('info'), warn: say('warn'), error: say('error') },
    env: { UPSTREAM_TOKEN: UPSTREAM_SECRET },
    system_clock: () => Date.now() + house.ahead_ms,
  });
  yard.house = { gateway: house.gateway, signIn: house.withLink };
  return house;
}

/** What the page does when its button is pressed. */
export async function begin(house: House, browser: Browser, body: object = {}): Promise<string> {
  const response = await browser.ask(`${house.url}/api/sign-in/providers/corp`, {
    method: 'POST',
    headers: { origin: house.url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return ((await response.json()) as { url: string }).url;
}

type Asking = { readonly browser: Browser; readonly body: object };

async function signIn(house: House, sub: string, { browser, body: asked }: Asking): Promise<SignedIn> {
  house.idp.signedIn = sub;
  const back = await browser.goTo(await begin(house, browser, asked), `${house.url}/sign-in/`);
  const response = await browser.ask(back);
  let csrf = '';
  return {
    browser,
    response,
    back,
    async api(at, { method = 'GET', body } = {}) {
      if (method !== 'GET' && csrf === '') {
        const me = await browser.ask(`${house.url}/api/me`);
        csrf = ((await me.json()) as { csrf?: string }).csrf ?? '';
      }
      return browser.ask(house.url + at, {
        method,
        headers: { origin: house.url, 'content-type': 'application/json', 'x-countersign-csrf': csrf },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    },
  };
}
