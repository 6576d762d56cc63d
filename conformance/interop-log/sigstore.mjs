// Verifies one receipt with @sigstore/verify: software not written by us, with the log's keys as its trusted root.
//
//   node sigstore.mjs <vkey> <entry key> < bundle.json
//
// <vkey> is the log's verifier key; <entry key> a line of the log's `entry-keys`: base64 of SubjectPublicKeyInfo.
// Nothing here is imported from this project.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleFromJSON } from '@sigstore/bundle';
import { toSignedEntity, toTrustMaterial, Verifier } from '@sigstore/verify';

const ED25519_SPKI = Buffer.from('302a300506032b6570032100', 'hex');
const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

/** Throws unless the bundle verifies. */
export function verifyBundle(bundle, vkey, entryKey) {
  const [name, , ...rest] = vkey.split('+');
  const typed = Buffer.from(rest.join('+'), 'base64'); // 0x01, then the Ed25519 key
  const logId = { keyId: sha256(`${name}\n`, typed) };
  const publicKey = {
    rawBytes: Buffer.concat([ED25519_SPKI, typed.subarray(1)]),
    keyDetails: 7,
    validFor: undefined,
  };
  const tlog = {
    baseUrl: `https://${name}`,
    hashAlgorithm: 1,
    publicKey,
    logId,
    checkpointKeyId: logId,
    operator: '',
  };
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [tlog],
    certificateAuthorities: [],
    ctlogs: [],
    timestampAuthorities: [],
  };
  const spki = Buffer.from(entryKey, 'base64');
  const hint = sha256(spki).toString('base64');
  const trust = toTrustMaterial(root, { [hint]: { rawBytes: spki, keyDetails: 5, validFor: undefined } });
  const thresholds = { tlogThreshold: 1, ctlogThreshold: 0, timestampThreshold: 0 };
  new Verifier(trust, thresholds).verify(toSignedEntity(bundleFromJSON(bundle)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [vkey = '', entryKey = ''] = process.argv.slice(2);
  verifyBundle(JSON.parse(readFileSync(0, 'utf8')), vkey, entryKey);
  console.log('verified by @sigstore/verify');
}
