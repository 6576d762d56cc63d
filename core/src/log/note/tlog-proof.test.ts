import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogError } from '../error.ts';
import { formatTlogProof, parseTlogProof, type TlogProof } from './tlog-proof.ts';

const HASH = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=';
const CHECKPOINT = `example.com/fancylog\n3\n${HASH}\n\n— example.com/fancylog AAAAAQEC\n`;

const GOOD: readonly { readonly name: string; readonly proof: TlogProof; readonly text: string }[] = [
  {
    name: 'without extra',
    proof: { index: 2, proof: [new Uint8Array(32), new Uint8Array(32)], checkpoint: CHECKPOINT },
    text: `c2sp.org/tlog-proof@v1\nindex 2\n${HASH}\n${HASH}\n\n${CHECKPOINT}`,
  },
  {
    name: 'with extra',
    proof: { extra: Uint8Array.of(1, 2, 3), index: 0, proof: [], checkpoint: CHECKPOINT },
    text: `c2sp.org/tlog-proof@v1\nextra AQID\nindex 0\n\n${CHECKPOINT}`,
  },
];

for (const { name, proof, text } of GOOD) {
  test(`tlog-proof ${name}: written as the specification says, and read back`, () => {
    assert.equal(formatTlogProof(proof), text);
    assert.deepEqual(parseTlogProof(text), proof);
  });
}

const [good] = GOOD;
const text = good?.text ?? assert.fail();
const BAD: readonly { readonly name: string; readonly text: string }[] = [
  { name: 'another header', text: text.replace('@v1', '@v2') },
  { name: 'no index', text: text.replace('index 2\n', '') },
  { name: 'a padded index', text: text.replace('index 2', 'index 02') },
  { name: 'index before extra', text: text.replace('index 2\n', 'index 2\nextra AQID\n') },
  { name: 'a short hash', text: text.replace(`${HASH}\n${HASH}`, `${HASH}\nAAAA`) },
  { name: 'a hash that is not base64', text: text.replace(`${HASH}\n${HASH}`, `${HASH}\n!`) },
  { name: 'too many hashes', text: text.replace(`${HASH}\n${HASH}`, Array(64).fill(HASH).join('\n')) },
  { name: 'no checkpoint', text: text.slice(0, text.indexOf('\n\n')) },
  { name: 'a checkpoint that is no note', text: text.replace('\n\n— ', '\n— ') },
  { name: 'carriage returns', text: text.replaceAll('\n', '\r\n') },
];

for (const { name, text: spoiled } of BAD) {
  test(`no tlog-proof: ${name}`, () => assert.throws(() => parseTlogProof(spoiled), LogError));
}
