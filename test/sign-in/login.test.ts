/** `countersign login --browser`: the command line waits, the browser brings it a code only it can use. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, it } from 'node:test';
import { createClient } from '@countersign/sdk';
import { dispatch } from '../../gateway/src/cli/dispatch/dispatch.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { Browser } from '../../gateway/testing/idp.ts';
import { createTerminal } from '../../gateway/testing/terminal.ts';
import { until } from '../../gateway/testing/until.ts';
import { begin, type House, openSignInHouse } from './house.ts';

let house: House;
let home: string;
before(async () => {
  house = await openSignInHouse();
  home = await mkdtemp(path.join(tmpdir(), 'countersign-login-'));
  house.idp.accounts.set('erin', { name: 'Erin', groups: ['idp-staff', 'idp-dba'] });
  house.idp.signedIn = 'erin';
});
after(async () => {
  await house.close();
  await rm(home, { recursive: true, force: true });
});

const terminal = (person: string) =>
  createTerminal({
    tty: false,
    env: { XDG_CONFIG_HOME: path.join(home, person), COUNTERSIGN_URL: house.url },
  });
const run = async (person: string, ...words: string[]) => {
  const at = terminal(person);
  return { code: await dispatch(words, at.io), out: at.text, err: at.errors };
};

type Waiting = { readonly challenge: string; readonly port: number; readonly state: string };
/** What the page reads from the address the command line prints. */
const waitingIn = (text: string): Waiting => {
  const [, challenge = '', port = '', state = ''] = /\?cli=([\w-]+)\.(\d+)\.([\w-]+)/.exec(text) ?? [];
  return { challenge, port: Number(port), state };
};

async function start(person: string) {
  const at = terminal(person);
  const code = dispatch(['login', '--browser'], at.io);
  await at.untilError('?cli=');
  return { at, code, waiting: waitingIn(at.errors) };
}

/** The code the browser would carry to the command line. */
async function handedTo(waiting: Waiting): Promise<string> {
  const browser = new Browser();
  const url = await begin(house, browser, { loopback: waiting });
  return browser.goTo(url, `http://127.0.0.1:${waiting.port}/`);
}

it('signs the command line in, with a session of its own that the provider is asked about', async () => {
  const { at, code, waiting } = await start('erin');
  const brought = await fetch(await handedTo(waiting));
  assert.match(await brought.text(), /Signed in/);
  assert.equal(await code, EXIT.ok, at.errors);
  assert.match(at.text, /Signed in to .* as Erin \(usr_/);
  const { out } = await run('erin', 'sessions', 'list', '--json');
  const { items } = JSON.parse(out) as {
    items: readonly { kind: string; provider?: string; current: boolean }[];
  };
  assert.deepEqual(
    items.map(({ kind, provider, current }) => [kind, provider, current]),
    [['cli', 'corp', true]],
  );
  house.idp.accounts.set('erin', { name: 'Erin', groups: ['idp-staff'] });
  house.ahead_ms += 601_000;
  await until('the lost group is noticed', async () => {
    const listed = await run('erin', 'reviewers', 'list', '--json');
    const people = JSON.parse(listed.out) as {
      items: readonly { name: string; groups: readonly string[] }[];
    };
    return people.items.find(({ name }) => name === 'Erin')?.groups.length === 0;
  });
  const ended = await run('erin', 'sessions', 'end', '--person', meOf(at.text));
  assert.match(ended.out, /1 session ended/);
  assert.equal((await run('erin', 'sessions', 'list')).code, EXIT.refused);
});
const meOf = (text: string): string => /\((usr_[0-9a-z]+)\)/.exec(text)?.[1] ?? '';

it('a code that was caught on its way is worth nothing without the verifier, and the verifier nothing with another', async () => {
  const { at, code, waiting } = await start('second');
  const url = await handedTo(waiting);
  const caught = new URL(url).searchParams.get('code') ?? '';
  const thief = createClient({ url: house.url });
  for (const verifier of [undefined, 'a'.repeat(43)]) {
    const given = { code: caught, kind: 'cli' as const, ...(verifier === undefined ? {} : { verifier }) };
    await assert.rejects(thief.signIn(given), { kind: 'sign_in_refused' });
  }
  await fetch(url);
  assert.equal(await code, EXIT.ok, at.errors);
});

it('takes a code with its own state only: another page cannot sign it in as somebody else', async () => {
  const { at, code, waiting } = await start('third');
  const forged = await fetch(`http://127.0.0.1:${waiting.port}/?code=cs_code_theirs&state=${'b'.repeat(43)}`);
  assert.equal(forged.status, 404);
  await fetch(await handedTo(waiting));
  assert.equal(await code, EXIT.ok, at.errors);
});

it('an operator makes somebody inactive and signs them out from the command line', async () => {
  const { at, code, waiting } = await start('fourth');
  await fetch(await handedTo(waiting));
  await code;
  const person = meOf(at.text);
  const link = await house.gateway.links.write('alice', 'test');
  await run('alice', 'login', '--link-file', link?.path ?? '');
  assert.match((await run('alice', 'reviewers', 'deactivate', person)).out, /is inactive/);
  assert.equal((await run('fourth', 'sessions', 'list')).code, EXIT.refused);
  assert.equal((await run('alice', 'reviewers', 'deactivate', 'bob')).code, EXIT.refused);
  assert.match((await run('alice', 'reviewers', 'activate', person)).out, /is active/);
});

it('asks for one way in', async () => {
  assert.equal((await run('fifth', 'login', '--browser', '--link', 'x')).code, EXIT.usage);
  assert.match((await run('fifth', 'login')).err, /--link-file FILE .* or --browser/);
});
