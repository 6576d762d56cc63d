import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { formatVerifierKey, verifierKey } from '@countersign/core';
import { EXIT } from '../../gateway/src/cli/verb.ts';
import { type CliHouse, openCliHouse, type Ran } from './house.ts';

const AT_MOST = { timeout: 60_000 };
const OTHER_KEY = formatVerifierKey(
  verifierKey('other.example.com/log', 'ed25519', new Uint8Array(32).fill(7)),
);

describe('log check', AT_MOST, () => {
  let house: CliHouse;
  let log = '';
  let receipt = '';
  let event = '';
  const write = (name: string, text: string): Promise<void> =>
    writeFile(path.join(house.gateway.data_dir, '..', name), text);
  const check = (...words: string[]): Promise<Ran> => house.run('nobody', 'log', 'check', ...words);
  const given = (file: string): readonly string[] => [file, '--key', house.gateway.vkey, '--entry-keys'];

  before(async () => {
    house = await openCliHouse();
    await house.gateway.flushLog();
    log = path.join(house.gateway.data_dir, 'log');
    const [line = ''] = (await readFile(path.join(log, 'envelopes', '000'), 'utf8')).split('\n');
    const payload = Buffer.from((JSON.parse(line) as { payload: string }).payload, 'base64').toString();
    event = (JSON.parse(payload) as { predicate: { event_id: string } }).predicate.event_id;
    const proved = await house.run(
      'nobody',
      'log',
      'prove',
      event,
      '--log',
      log,
      '--key',
      house.gateway.vkey,
    );
    assert.equal(proved.code, EXIT.ok, proved.err);
    receipt = proved.out;
    await write('receipt.json', receipt);
    await write('entry-keys', await readFile(path.join(log, 'entry-keys'), 'utf8'));
  }, AT_MOST);
  after(() => house.close(), AT_MOST);

  it('says what a receipt establishes, what it does not, and what was signed', async () => {
    for (const keys of ['entry-keys', log]) {
      const { code, out, err } = await check(...given('receipt.json'), keys);
      assert.equal(code, EXIT.ok, err);
      for (const said of [
        /^Entry 0 of .*\/log, under a checkpoint of \d+ entries\.$/m,
        /✓ the statement is signed by a trusted entry key/,
        /✓ the checkpoint is signed by the log/,
        /· that others are shown the same log/,
        new RegExp(`"event_id": "${event}"`),
      ])
        assert.match(out, said);
    }
    const { out } = await check(...given('receipt.json'), 'entry-keys', '--json');
    const found = JSON.parse(out) as { status: string; index: number; established: readonly string[] };
    assert.deepEqual([found.status, found.index, found.established.length], ['verified', 0, 4]);
  });

  it('a receipt that was changed does not hold, and what held until there is said', async () => {
    const bundle = JSON.parse(receipt) as {
      verificationMaterial: { tlogEntries: [{ inclusionProof: { hashes: string[] } }] };
    };
    const [entry] = bundle.verificationMaterial.tlogEntries;
    entry.inclusionProof.hashes[0] = Buffer.alloc(32, 1).toString('base64');
    await write('changed.json', JSON.stringify(bundle));
    const { code, out } = await check(...given('changed.json'), 'entry-keys');
    assert.equal(code, EXIT.no);
    assert.match(
      out,
      /✓ the log leaf commits to exactly this signed statement\n\nIt does not hold: the proof does not lead/,
    );
  });

  const WRONG: readonly (readonly [
    name: string,
    words: () => readonly string[],
    said: RegExp,
    code: number,
  ])[] = [
    ['no key', () => ['receipt.json', '--entry-keys', 'entry-keys'], /--key is missing/, EXIT.usage],
    [
      'no entry keys',
      () => ['receipt.json', '--key', house.gateway.vkey],
      /--entry-keys is missing/,
      EXIT.usage,
    ],
    [
      'another log’s key',
      () => ['receipt.json', '--key', OTHER_KEY, '--entry-keys', 'entry-keys'],
      /--entry-keys entry-keys: it is not signed by the log key given \(unknown-keys\)/,
      EXIT.usage,
    ],
    [
      'a list that is none',
      () => [...given('receipt.json'), 'countersign.yaml'],
      /--entry-keys countersign\.yaml: /,
      EXIT.usage,
    ],
    [
      'a receipt that is no JSON',
      () => [...given('entry-keys'), 'entry-keys'],
      /it is no receipt/,
      EXIT.usage,
    ],
    ['no receipt there', () => [...given('none.json'), 'entry-keys'], /none\.json/, EXIT.unreachable],
  ];
  for (const [name, words, said, code] of WRONG)
    it(`is told: ${name}`, async () => {
      const ran = await check(...words());
      assert.match(ran.err, said);
      assert.equal(ran.code, code, ran.err);
      assert.equal(ran.out, '');
    });

  it('JSON that is no receipt establishes nothing', async () => {
    await write('empty.json', '{}');
    const { code, out } = await check(...given('empty.json'), 'entry-keys');
    assert.equal(code, EXIT.no);
    assert.match(out, /Established:\n {2}nothing\n\nIt does not hold: /);
  });
});
