/**
 * A passkey in software (WebAuthn Level 3, ES256), for the script that plays a reviewer: it makes one key, in memory, and
 * says of itself that somebody was there and was verified. Nobody was; that is why it must never leave the demo.
 */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import type { EnrolInput, ReviewSignature } from '@countersign/sdk';

export type Authenticator = {
  readonly credential_id: string;
  /** `sha256:` and hex over its public key, as its owner would read it out. */
  readonly key_digest: string;
  create(challenge: string): Omit<EnrolInput, 'name'>;
  get(challenge: string): ReviewSignature;
};

/** Flags of authenticator data: user present, user verified, attested credential data included. */
const [PRESENT, VERIFIED, ATTESTED] = [0x01, 0x04, 0x40];

export function createAuthenticator(origin: string): Authenticator {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const credential = randomBytes(16);
  const credential_id = text(credential);
  const rp_id_hash = sha256(new URL(origin).hostname);
  let count = 0;
  const clientData = (type: string, challenge: string): Buffer =>
    Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));
  const authenticatorData = (flags: number, more: Buffer = Buffer.alloc(0)): Buffer => {
    const counter = Buffer.alloc(4);
    count += 1;
    counter.writeUInt32BE(count);
    return Buffer.concat([rp_id_hash, Buffer.of(flags), counter, more]);
  };
  return {
    credential_id,
    key_digest: `sha256:${sha256(publicKey.export({ format: 'der', type: 'spki' })).toString('hex')}`,
    create(challenge) {
      const { x = '', y = '' } = publicKey.export({ format: 'jwk' });
      const attested = Buffer.concat([
        Buffer.alloc(16), // of no known make
        Buffer.of(0, credential.length),
        credential,
        cose(Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')),
      ]);
      return {
        credential_id,
        client_data: text(clientData('webauthn.create', challenge)),
        attestation_object: text(unattested(authenticatorData(PRESENT | VERIFIED | ATTESTED, attested))),
      };
    },
    get(challenge) {
      const client_data = clientData('webauthn.get', challenge);
      const data = authenticatorData(PRESENT | VERIFIED);
      const signature = sign('sha256', Buffer.concat([data, sha256(client_data)]), privateKey);
      return {
        credential_id,
        client_data: text(client_data),
        authenticator_data: text(data),
        signature: text(signature),
      };
    },
  };
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

// CBOR (RFC 8949), written out: both maps have one shape.

/** COSE_Key of P-256 (RFC 9053 7.1): {1: 2, 3: -7, -1: 1, -2: x, -3: y}. */
const cose = (x: Buffer, y: Buffer): Buffer =>
  Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), x, Buffer.from('225820', 'hex'), y]);

/** {"fmt": "none", "attStmt": {}, "authData": data}, with at least 24 and at most 255 bytes of data. */
const unattested = (data: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('a363', 'hex'),
    Buffer.from('fmt'),
    Buffer.from('64', 'hex'),
    Buffer.from('none'),
    Buffer.from('67', 'hex'),
    Buffer.from('attStmt'),
    Buffer.from('a068', 'hex'),
    Buffer.from('authData'),
    Buffer.of(0x58, data.length),
    data,
  ]);
