/**
 * An authenticator in software: makes keys and signs as a security key would, or as a thief would like it to. For tests
 * that need no browser. Nothing here is shipped.
 */
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type { EnrolInput, EnrolOptions, ReviewChallenge, ReviewSignature } from '@countersign/sdk';

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();
const url = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');

export type Twist = {
  readonly origin?: string;
  readonly rp_id?: string;
  readonly type?: string;
  readonly challenge?: string;
  /** 0x05: present and verified. */
  readonly flags?: number;
  readonly sign_count?: number;
  readonly key?: KeyObject;
  readonly credential_id?: string;
  readonly crossOrigin?: boolean;
};

export type Algorithm = 'ES256' | 'EdDSA' | 'RS256';

const MAKE: {
  readonly [A in Algorithm]: () => { readonly privateKey: KeyObject; readonly publicKey: KeyObject };
} = {
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
};

export type Authenticator = ReturnType<typeof createAuthenticator>;

export function createAuthenticator(origin: string, algorithm: Algorithm = 'ES256') {
  const { privateKey, publicKey } = MAKE[algorithm]();
  const credential = randomBytes(16);
  const rp = new URL(origin).hostname;
  let count = 0;

  const clientData = (type: string, challenge: string, twist: Twist): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: twist.type ?? type,
        challenge: twist.challenge ?? challenge,
        origin: twist.origin ?? origin,
        crossOrigin: twist.crossOrigin ?? false,
      }),
    );
  const authData = (flags: number, twist: Twist): Buffer => {
    const counter = Buffer.alloc(4);
    counter.writeUInt32BE(twist.sign_count ?? ++count);
    return Buffer.concat([sha256(twist.rp_id ?? rp), Buffer.of(twist.flags ?? flags), counter]);
  };

  return {
    credential_id: url(credential),
    public_key: publicKey,
    create({ challenge }: EnrolOptions, twist: Twist = {}): Omit<EnrolInput, 'name'> {
      const length = Buffer.from([0, credential.length]);
      const attested = Buffer.concat([Buffer.alloc(16), length, credential, coseOf(publicKey, algorithm)]);
      const data = Buffer.concat([authData(0x45, twist), attested]);
      const object = map([
        [text('fmt'), text('none')],
        [text('attStmt'), map([])],
        [text('authData'), bytes(data)],
      ]);
      return {
        credential_id: url(credential),
        client_data: url(clientData('webauthn.create', challenge, twist)),
        attestation_object: url(object),
        transports: ['usb'],
      };
    },
    get({ options }: ReviewChallenge, twist: Twist = {}): ReviewSignature {
      const client_data = clientData('webauthn.get', options.challenge, twist);
      const authenticator_data = authData(0x05, twist);
      const signed = Buffer.concat([authenticator_data, sha256(client_data)]);
      return {
        credential_id: twist.credential_id ?? url(credential),
        client_data: url(client_data),
        authenticator_data: url(authenticator_data),
        signature: url(sign(algorithm === 'EdDSA' ? null : 'sha256', signed, twist.key ?? privateKey)),
      };
    },
  };
}

// The little CBOR (RFC 8949) an authenticator writes.
const head = (major: number, value: number): Buffer => {
  if (value < 24) return Buffer.of((major << 5) | value);
  if (value < 256) return Buffer.of((major << 5) | 24, value);
  return Buffer.of((major << 5) | 25, value >> 8, value & 255);
};
const int = (value: number): Buffer => (value < 0 ? head(1, -1 - value) : head(0, value));
const bytes = (value: Uint8Array): Buffer => Buffer.concat([head(2, value.length), value]);
const text = (value: string): Buffer => Buffer.concat([head(3, value.length), Buffer.from(value)]);
const map = (pairs: readonly (readonly [Buffer, Buffer])[]): Buffer =>
  Buffer.concat([head(5, pairs.length), ...pairs.flat()]);

/** RFC 9053: the public key as authenticators write it. */
function coseOf(key: KeyObject, algorithm: Algorithm): Buffer {
  const jwk = key.export({ format: 'jwk' });
  const part = (name: 'x' | 'y' | 'n' | 'e'): Buffer => bytes(Buffer.from(jwk[name] ?? '', 'base64url'));
  switch (algorithm) {
    case 'ES256':
      return map([
        [int(1), int(2)],
        [int(3), int(-7)],
        [int(-1), int(1)],
        [int(-2), part('x')],
        [int(-3), part('y')],
      ]);
    case 'EdDSA':
      return map([
        [int(1), int(1)],
        [int(3), int(-8)],
        [int(-1), int(6)],
        [int(-2), part('x')],
      ]);
    case 'RS256':
      return map([
        [int(1), int(3)],
        [int(3), int(-257)],
        [int(-1), part('n')],
        [int(-2), part('e')],
      ]);
  }
}
