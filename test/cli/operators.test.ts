import assert from 'node:assert/strict';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatVerifierKey, verifierKey } from '@countersign/core';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { hashCredential } from '../../gateway/src/identity/credential.ts';
import { type CliHouse, openCliHouse } from './house.ts';

const AT_MOST = { timeout: 60_000 };
let house: CliHouse;
before(async () => {
  house = await openCliHouse('alice', 'bob');
}, AT_MOST);
after(() => house.close(), AT_MOST);

describe('agents and reviewers', AT_MOST, () => {
  it('lists who may call, as a table and as JSON', async () => {
    const { code, out } = await house.run('bob', 'agents', 'list');
    assert.equal(code, EXIT.ok);
    assert.match(out, /coder .*alice/);
    const listed = JSON.parse((await house.run('bob', 'agents', 'list', '--json')).out);
    assert.deepEqual(listed.items[0].owner, 'alice');
  });

  it('makes a key whose hash line is the key’s, and asks no gateway for it', async () => {
    const { code, out } = await house.run('nobody', 'agents', 'new-key', 'coder', '--json');
    const { key, hash } = JSON.parse(out);
    assert.equal(code, EXIT.ok);
    assert.match(key, /^cs_agent_[\w-]{43}$/);
    assert.equal(hash, hashCredential(key));
  });

  it('makes a token for an identity provider: shown once, with its hash and the day it ends', async () => {
    const made = await house.run('nobody', 'scim', 'new-token', 'okta', '--days', '30', '--json');
    const { token, hash, expires } = JSON.parse(made.out);
    assert.equal(made.code, EXIT.ok);
    assert.match(token, /^cs_scim_[\w-]{43}$/);
    assert.equal(hash, hashCredential(token));
    const days = (Date.parse(expires) - Date.now()) / 86_400_000;
    assert.ok(days > 28 && days <= 30, expires);
    const { out } = await house.run('nobody', 'scim', 'new-token', 'okta');
    const [, shown = ''] = /(cs_scim_[\w-]{43})/.exec(out) ?? [];
    assert.ok(out.includes(`scim → okta → tokens:\n  - { hash: "${hashCredential(shown)}", expires: `), out);
    const endless = await house.run('nobody', 'scim', 'new-token', 'okta', '--days', '99999');
    assert.equal(endless.code, EXIT.usage);
  });

  it('makes a key for a ticket system: shown once, with its hash and the day it ends', async () => {
    const made = await house.run('nobody', 'tickets', 'new-key', 'jira', '--days', '30', '--json');
    const { key, hash, expires } = JSON.parse(made.out);
    assert.match(key, /^cs_ticket_[\w-]{43}$/);
    assert.equal(hash, hashCredential(key));
    const days = (Date.parse(expires) - Date.now()) / 86_400_000;
    assert.ok(days > 28 && days <= 30, expires);
    const { out } = await house.run('nobody', 'tickets', 'new-key', 'jira');
    const [, shown = ''] = /(cs_ticket_[\w-]{43})/.exec(out) ?? [];
    assert.ok(
      out.includes(`ticketing → jira → keys:\n  - { hash: "${hashCredential(shown)}", expires: `),
      out,
    );
  });

  it('an operator’s link lands in a file of the gateway’s user and is not printed; others may not', async () => {
    const { code, out, err } = await house.run('alice', 'reviewers', 'link', 'carol', '--json');
    assert.equal(code, EXIT.ok, err);
    const { path: file } = JSON.parse(out);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const [secret = 'none'] = /cs_code_\S+/.exec(await readFile(file, 'utf8')) ?? [];
    assert.ok(!out.includes(secret) && !err.includes(secret));
    assert.equal((await house.run('carol', 'login', '--link-file', file)).code, EXIT.ok);
    const refused = await house.run('bob', 'reviewers', 'link', 'carol');
    assert.equal(refused.code, EXIT.refused);
    assert.match(refused.err, /operator/);
  });
});

describe('grants', AT_MOST, () => {
  const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no uses', ['requests', 'approve', 'ID', '--grant', '2h'], EXIT.usage, /--uses N is missing/],
    ['no time', ['requests', 'approve', 'ID', '--uses', '2'], EXIT.usage, /--uses N goes with --grant/],
    [
      'a time nobody can read',
      ['requests', 'approve', 'ID', '--grant', 'long', '--uses', '2'],
      EXIT.usage,
      /such as 2h/,
    ],
    [
      'an unknown grant',
      ['grants', 'revoke', 'grt_01JAAAAAAAAAAAAAAAAAAAAAAA', '--reason', 'x'],
      EXIT.refused,
      /no such grant/,
    ],
  ];
  for (const [what, words, code, said] of wrong) {
    it(`refuses ${what}, and says what would do`, async () => {
      const ran = await house.run('bob', ...words);
      assert.match(ran.err, said);
      assert.equal(ran.code, code, ran.err);
    });
  }

  it('says what it covers before it is sent; a policy that offers none is told apart from a yes', async () => {
    const id = await house.ask('granted.txt', 'x');
    const { rendered_digest } = JSON.parse((await house.run('bob', 'requests', 'show', id, '--json')).out);
    const ran = await house.run(
      'bob',
      'requests',
      'approve',
      id,
      '--shown',
      rendered_digest,
      '--grant',
      '2h',
      '--uses',
      '2',
    );
    assert.equal(ran.code, EXIT.refused);
    assert.match(ran.err, /the policy offers none/);
    assert.match(ran.out, /coder may call write_file on files, whatever the arguments, 2 times within 2 h/);
    assert.equal((await house.run('bob', 'requests', 'deny', id)).code, EXIT.ok);
    assert.match((await house.run('bob', 'grants', 'list')).out, /No grant is open/);
  });
});

describe('delegations', AT_MOST, () => {
  it('gives a seat, lists who sits where, and takes it back', async () => {
    const given = await house.run('bob', 'delegations', 'give', 'carol', '--for', '3d');
    assert.equal(given.code, EXIT.ok, given.err);
    const [, id = 'none'] = /countersign delegations revoke (del_\w+)/.exec(given.out) ?? [];
    assert.match(given.out, /^carol sits in your seat from \d{4}-\d\d-\d\d \d\d:\d\d until .* UTC\.$/m);
    const { items } = JSON.parse((await house.run('alice', 'delegations', 'list', '--json')).out);
    assert.deepEqual(
      items.map((each: { from: string; to: string; status: string }) => [each.from, each.to, each.status]),
      [['bob', 'carol', 'active']],
    );
    assert.match(
      (await house.run('alice', 'delegations', 'list')).out,
      new RegExp(`${id} +bob +carol .* active`),
    );
    assert.equal((await house.run('bob', 'delegations', 'revoke', id)).code, EXIT.ok);
    assert.match((await house.run('bob', 'delegations', 'list')).out, /Everyone answers for themselves/);
    assert.match((await house.run('bob', 'delegations', 'list', '--all')).out, /revoked by bob/);
  });

  const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['no duration', ['give', 'carol'], EXIT.usage, /--for DURATION is missing/],
    ['a duration nobody can read', ['give', 'carol', '--for', 'a week'], EXIT.usage, /such as 8h or 3d/],
    [
      'a time without its zone',
      ['give', 'carol', '--for', '1d', '--from', '2099-01-01T07:00'],
      EXIT.usage,
      /with its zone/,
    ],
    [
      'a day that is none',
      ['give', 'carol', '--for', '1d', '--from', '2099-13-01'],
      EXIT.usage,
      /give a day/,
    ],
    ['too long', ['give', 'carol', '--for', '15d'], EXIT.refused, /at most 14d/],
    [
      'too far ahead',
      ['give', 'carol', '--for', '1d', '--from', '2099-01-01'],
      EXIT.refused,
      /at most 90d ahead/,
    ],
    ['nobody of that name', ['give', 'zed', '--for', '1d'], EXIT.refused, /no active reviewer “zed”/],
    [
      'an unknown delegation',
      ['revoke', 'del_01JAAAAAAAAAAAAAAAAAAAAAAA'],
      EXIT.refused,
      /no such delegation/,
    ],
  ];
  for (const [what, words, code, said] of wrong) {
    it(`refuses ${what}, and says what would do`, async () => {
      const ran = await house.run('bob', 'delegations', ...words);
      assert.match(ran.err, said);
      assert.equal(ran.code, code, ran.err);
    });
  }
});

describe('tools', AT_MOST, () => {
  it('lists pins, shows a definition, accepts only the one that was shown, and only for operators', async () => {
    const { items } = JSON.parse((await house.run('bob', 'tools', 'list', '--json')).out);
    assert.ok(items.length > 5);
    const diff = JSON.parse((await house.run('bob', 'tools', 'diff', 'files', 'write_file', '--json')).out);
    assert.match(diff.pin, /^sha256:/);
    const accept = (person: string, pin: string) =>
      house.run(person, 'tools', 'accept', 'files', 'write_file', '--pin', pin, '--class', 'destructive');
    assert.equal((await accept('bob', diff.pin)).code, EXIT.refused);
    assert.equal((await accept('alice', `sha256:${'0'.repeat(64)}`)).code, EXIT.refused);
    const accepted = await accept('alice', diff.pin);
    assert.equal(accepted.code, EXIT.ok, accepted.err);
    assert.equal(
      (await house.run('alice', 'tools', 'accept', 'files', 'write_file', '--class', 'read')).code,
      EXIT.usage,
    );
  });
});

describe('the log', AT_MOST, () => {
  it('is listed, shown, exported once, verified and proven from its folder', async () => {
    const id = await house.ask('for-the-log.txt', 'x');
    assert.equal((await house.run('bob', 'requests', 'deny', id, '--reason', 'only a test')).code, EXIT.ok);
    await house.gateway.flushLog();
    const { items } = JSON.parse((await house.run('bob', 'log', 'list', '--request', id, '--json')).out);
    assert.deepEqual(
      new Set(items.map((entry: { kind: string }) => entry.kind)),
      new Set(['evaluation', 'access-request', 'review', 'resolution']),
    );
    const shown = await house.start('bob', 'log', 'list', '--request', id);
    assert.equal(await shown.code, EXIT.ok);
    for (const [kind, outcome] of [
      ['evaluation', 'held'],
      ['access-request', 'pending'],
      ['review', 'denied'],
      ['resolution', 'denied'],
    ])
      assert.match(shown.terminal.text, new RegExp(`^ *\\d+ .* ${kind} +${outcome} `, 'm'));
    const rows = shown.terminal.text.trimEnd().split('\n');
    assert.equal(rows.length, 1 + 2 * items.length, 'an entry is two rows, none folded by the terminal');
    for (const row of rows) assert.ok(row.length <= 80, row);
    for (const { event_id } of items)
      assert.ok(shown.terminal.text.includes(`\n  ${event_id}  write_file on`));
    const piped = (await house.run('bob', 'log', 'list', '--request', id)).out.trimEnd().split('\n');
    assert.equal(piped.length, 1 + items.length, 'one row an entry for what reads lines');
    const all = (await house.run('bob', 'log', 'list', '--limit', '200')).out;
    assert.match(all, /^ *\d+ .* tool-change +– +alice +tool accepted: read_text_file on files +\w{26}$/m);
    assert.match(all, /^ *\d+ .* system +signed in +alice +– +\w{26}$/m);
    assert.match(all, /^ *0 .* system +– +– +gateway started +\w{26}$/m);
    const [{ event_id }] = items;
    assert.match((await house.run('bob', 'log', 'show', event_id)).out, new RegExp(event_id));

    const file = path.join(house.shared('.'), '..', 'export.jsonl');
    assert.equal((await house.run('bob', 'log', 'export', '--out', file)).code, EXIT.ok);
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    assert.notEqual(
      (await house.run('bob', 'log', 'export', '--out', file)).code,
      EXIT.ok,
      'never over a file that is there',
    );

    const log = path.join(house.gateway.data_dir, 'log');
    const verified = await house.run('nobody', 'log', 'verify', log, '--key', house.gateway.vkey);
    assert.equal(verified.code, EXIT.ok, verified.out + verified.err);
    const proven = await house.run(
      'nobody',
      'log',
      'prove',
      event_id,
      '--log',
      log,
      '--key',
      house.gateway.vkey,
      '--json',
    );
    assert.equal(JSON.parse(proven.out).status, 'proven');
    const unknown = await house.run(
      'nobody',
      'log',
      'prove',
      '01JAAAAAAAAAAAAAAAAAAAAAAA',
      '--log',
      log,
      '--key',
      house.gateway.vkey,
    );
    assert.equal(unknown.code, EXIT.no);
  });

  it('A24: another key verifies nothing', async () => {
    const log = path.join(house.gateway.data_dir, 'log');
    const [name = ''] = house.gateway.vkey.split('+');
    const stranger = formatVerifierKey(verifierKey(name, 'ed25519', new Uint8Array(32).fill(7)));
    const { code, out } = await house.run('nobody', 'log', 'verify', log, '--key', stranger);
    assert.equal(code, EXIT.no, out);
  });
});
