import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import type { Approval, Page, RequestDetail, RequestSummary } from '@countersign/sdk';
import { dispatch } from '../../gateway/src/cli/dispatch/dispatch.ts';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { createTerminal } from '../../gateway/testing/terminal.ts';
import { type CliHouse, openCliHouse } from './house.ts';
import { openWire, type Wire } from './wire.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
before(async () => {
  house = await openCliHouse('alice', 'bob', 'carol');
}, AT_MOST);
after(() => house.close(), AT_MOST);

const write = (name: string, content: string) =>
  house.agent.callTool({ name: 'write_file', arguments: { path: house.shared(name), content } });

describe('signing in and out', AT_MOST, () => {
  it('keeps the token in a file of this user alone', async () => {
    const file = path.join(house.env('bob')['XDG_CONFIG_HOME'] ?? '', 'countersign', 'credentials.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.match(await readFile(file, 'utf8'), /"cs_person_/);
  });

  it('A16: a link signs in once, and is never repeated in what is printed', async () => {
    const link = await house.link('carol');
    const [secret = ''] = /cs_code_\S+/.exec(await readFile(link, 'utf8')) ?? [];
    const first = await house.run('guest', 'login', '--link-file', link);
    const second = await house.run('guest', 'login', '--link-file', link);
    assert.deepEqual([first.code, second.code], [EXIT.ok, EXIT.refused]);
    assert.match(second.err, /wrong, used, or older than ten minutes/);
    for (const text of [first.out, first.err, second.out, second.err]) assert.ok(!text.includes(secret));
    assert.equal(
      (await house.run('guest', 'login', '--link', 'https://x.example/sign-in#nonsense')).code,
      EXIT.usage,
    );
  });

  it('ends the session at the gateway, not only here', async () => {
    await house.run('leaver', 'login', '--link-file', await house.link('carol'));
    const file = path.join(house.env('leaver')['XDG_CONFIG_HOME'] ?? '', 'countersign', 'credentials.json');
    const [token = ''] = /cs_person_[\w-]+/.exec(await readFile(file, 'utf8')) ?? [];
    assert.equal((await house.run('leaver', 'logout')).code, EXIT.ok);
    const response = await fetch(`${house.url}/api/me`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(response.status, 401);
    const { code, err } = await house.run('leaver', 'requests', 'list');
    assert.equal(code, EXIT.refused);
    assert.match(err, /Not signed in/);
  });
});

describe('deciding without a terminal', AT_MOST, () => {
  it('lists, shows, approves exactly what was shown; it runs once', async () => {
    const id = await house.ask('approved.md', 'hello');
    const { items } = await house.json<Page<RequestSummary>>('bob', 'requests', 'list', '--mine');
    assert.ok(items.some((item) => item.id === id));
    const shown = await house.run('bob', 'requests', 'show', id);
    const [, digest = ''] = /^Shown as (sha256:\w+)$/m.exec(shown.out) ?? [];
    const blind = await house.run('bob', 'requests', 'approve', id);
    assert.equal(blind.code, EXIT.usage);
    const wrong = await house.run('bob', 'requests', 'approve', id, '--shown', `sha256:${'0'.repeat(64)}`);
    assert.equal(wrong.code, EXIT.no);
    const { code, out } = await house.run('bob', 'requests', 'approve', id, '--shown', digest);
    assert.equal(code, EXIT.ok);
    assert.match(out, /Approved\. It may run once/);
    assert.notEqual((await write('approved.md', 'hello')).isError, true);
    assert.equal(await readFile(house.shared('approved.md'), 'utf8'), 'hello');
    const again = await house.run('carol', 'requests', 'deny', id);
    assert.equal(again.code, EXIT.refused);
    assert.match(again.err, /already/);
  });

  it('A13: the owner cannot approve, whatever their roles', async () => {
    const id = await house.ask('self.md', 'mine');
    const { rendered_digest } = await house.json<RequestDetail>('alice', 'requests', 'show', id);
    const { code, err } = await house.run('alice', 'requests', 'approve', id, '--shown', rendered_digest);
    assert.equal(code, EXIT.refused);
    assert.match(err, /own/);
    assert.equal((await house.run('alice', 'requests', 'cancel', id)).code, EXIT.ok);
    assert.equal((await house.json<RequestDetail>('bob', 'requests', 'show', id)).status, 'cancelled');
  });

  it('A10: an approval revoked before use runs nothing', async () => {
    const id = await house.ask('revoked.md', 'no');
    const { rendered_digest } = await house.json<RequestDetail>('bob', 'requests', 'show', id);
    await house.run('bob', 'requests', 'approve', id, '--shown', rendered_digest);
    const { items } = await house.json<Page<Approval>>('bob', 'approvals', 'list');
    const approval = items.find(({ request_id }) => request_id === id);
    assert.equal((await house.run('bob', 'approvals', 'revoke', approval?.id ?? '')).code, EXIT.usage);
    const { code } = await house.run(
      'bob',
      'approvals',
      'revoke',
      approval?.id ?? '',
      '--reason',
      'too soon',
    );
    assert.equal(code, EXIT.ok);
    await write('revoked.md', 'no');
    await assert.rejects(stat(house.shared('revoked.md')), { code: 'ENOENT' });
  });

  it('I6: a text with a secret is approved only after a reveal, on the record', async () => {
    const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
    const id = await house.ask('secret.sh', `curl -H "Authorization: Bearer ${token}" x`);
    const before = await house.run('bob', 'requests', 'show', id);
    assert.ok(!before.out.includes(token));
    const { rendered_digest } = await house.json<RequestDetail>('bob', 'requests', 'show', id);
    const blocked = await house.run('bob', 'requests', 'approve', id, '--shown', rendered_digest);
    assert.equal(blocked.code, EXIT.no);
    assert.match(blocked.err, /No approval from this view/);
    const revealed = await house.run('bob', 'requests', 'reveal', id, '--reason', 'must read it');
    assert.ok(revealed.out.includes(token));
    assert.ok(!(await house.run('carol', 'requests', 'show', id)).out.includes(token));
    const [, digest = ''] = /^Shown as (sha256:\w+)$/m.exec(revealed.out) ?? [];
    assert.equal((await house.run('bob', 'requests', 'approve', id, '--shown', digest)).code, EXIT.ok);
  });
});

const denyAll = async (): Promise<void> => {
  const { items } = await house.json<Page<RequestSummary>>('carol', 'requests', 'list');
  for (const { id } of items) await house.run('carol', 'requests', 'deny', id);
};
/** Bob, over a wire that can be cut. */
async function overWire(t: TestContext): Promise<{ readonly wire: Wire; readonly env: NodeJS.ProcessEnv }> {
  const wire = await openWire(house.url);
  t.after(() => wire.close());
  const file = path.join(house.env('bob')['XDG_CONFIG_HOME'] ?? '', 'countersign', 'credentials.json');
  const [token = ''] = /cs_person_[\w-]+/.exec(await readFile(file, 'utf8')) ?? [];
  return { wire, env: { COUNTERSIGN_URL: wire.url, COUNTERSIGN_TOKEN: token } };
}

describe('watching', AT_MOST, () => {
  it('shows what comes in, asks, and lets go of what is decided elsewhere', async () => {
    await denyAll();
    const { terminal, code } = house.start('bob', 'requests', 'watch');
    await terminal.until('as Bob Brown');
    await house.ask('watched.md', 'one');
    await terminal.until('watched.md');
    await terminal.until('[a]pprove');
    terminal.type('a\r');
    await terminal.until('Why, for the record');
    terminal.type('looks right\r');
    await terminal.until('Approved. It may run once');
    assert.notEqual((await write('watched.md', 'one')).isError, true);

    const elsewhere = await house.ask('elsewhere.md', 'two');
    await terminal.until('elsewhere.md');
    await terminal.until('[a]pprove');
    await house.run('carol', 'requests', 'deny', elsewhere, '--reason', 'not today');
    await terminal.until('It is denied; there is nothing left to decide.');

    await house.ask('third.md', 'three');
    await terminal.until('third.md');
    await terminal.until('[a]pprove');
    terminal.type('\x03');
    assert.equal(await code, EXIT.ok);
  });

  it('without a terminal shows and never asks', async () => {
    const terminalLess = house.start('alice', 'requests', 'watch', '--all', '--json');
    await terminalLess.terminal.until(/\{"id":"req_\w+".*third\.md/);
    process.emit('SIGINT', 'SIGINT');
    assert.equal(await terminalLess.code, EXIT.ok);
  });

  it('says that it lost the connection and that it is back, and shows what came meanwhile', async (t) => {
    await denyAll();
    const { wire, env } = await overWire(t);
    const terminal = createTerminal({ env });
    const code = dispatch(['requests', 'watch'], terminal.io);
    await terminal.until('as Bob Brown');
    const before = await house.ask('before.md', 'seen');
    await terminal.until('before.md');
    await terminal.until('[a]pprove');
    wire.cut();
    await terminal.until(`The connection to ${wire.url} is lost;`);
    await terminal.until(/What\sis\sopen\sstays\sopen\./);
    await terminal.until('[a]pprove'); // the question still stands
    await house.run('carol', 'requests', 'deny', before);
    await house.ask('meanwhile.md', 'unseen');
    wire.mend();
    await terminal.until(/Connected again, after \d+ s\./);
    await terminal.until('It is denied; there is nothing left to decide.');
    await terminal.until('meanwhile.md');
    await terminal.until('[a]pprove');
    wire.cut();
    await terminal.until('is lost;');
    wire.mend();
    await terminal.until('Connected again'); // though nothing at all happened meanwhile
    terminal.type('\x03');
    assert.equal(await code, EXIT.ok);
    assert.equal(terminal.text.match(/is lost;/g)?.length, 2, 'each loss once');
  });

  it('one that cannot be shown because the connection is gone is shown when it is back', async (t) => {
    await denyAll();
    const { wire, env } = await overWire(t);
    const terminal = createTerminal({ tty: false, env });
    const first = await house.ask('one.md', '1');
    const code = dispatch(['requests', 'watch', '--json'], terminal.io);
    await terminal.until(first);
    wire.cut();
    await terminal.untilError('is lost');
    const second = await house.ask('two.md', '2');
    wire.mend();
    await terminal.untilError('Connected again');
    await terminal.until(second);
    process.emit('SIGINT', 'SIGINT');
    assert.equal(await code, EXIT.ok);
    for (const line of terminal.text.trimEnd().split('\n')) JSON.parse(line);
  });
});
