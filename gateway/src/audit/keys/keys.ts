/**
 * The gateway's own keys: made on first run, each for one purpose, kept in files only their owner can read, never
 * shown. Everything outside gets public halves and key ids. Losing them loses the power to sign, never the log.
 */
import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { join } from 'node:path';
import { formatVerifierKey, type VerifierKey, verifierKey } from '@countersign/core';
import { listSecretFiles, openSecretFolder, readSecretFile, writeSecretFile } from './secret-files.ts';

/** A P-256 key that signs (ES256). */
export type SigningKey = {
  /** base64url(SHA-256(SubjectPublicKeyInfo)): follows from the key, so nothing has to remember it. */
  readonly kid: string;
  readonly private_key: KeyObject;
  readonly public_key: KeyObject;
};
/** One that signed once, and still verifies: rotation overlaps. */
export type RetiredKey = Pick<SigningKey, 'kid' | 'public_key'>;
export type KeySet = { readonly current: SigningKey; readonly previous: readonly RetiredKey[] };

export type LogKey = {
  readonly private_key: KeyObject;
  readonly verifier: VerifierKey /** The one line an auditor keeps. */;
  readonly vkey: string;
};

export type Keys = {
  /** Signs audit entries. */
  readonly entry: KeySet;
  /** Signs approval and binding tokens, and nothing else. */
  readonly token: KeySet;
  /** Ed25519; signs checkpoints as `origin`. */
  readonly log: LogKey;
  /** HMAC key for matching retries (WIRE §2). */
  readonly installation: Uint8Array;
};

/**
 * Loads the keys in `folder`, making those that are missing.
 * @param origin the log's name, as on its checkpoints: a schema-less URL such as `gate.example.com/log`
 * @throws Error naming the file and the fix: readable by others, or not a key
 */
export function openKeys(folder: string, origin: string): Keys {
  openSecretFolder(folder);
  return {
    entry: keySet(folder, 'entry'),
    token: keySet(folder, 'token'),
    log: logKey(join(folder, 'log.pem'), origin),
    installation: installationKey(join(folder, 'installation.key')),
  };
}

/** `<purpose>.pem` signs; `<purpose>.<anything>.pub.pem` are the public halves of keys it replaced. */
function keySet(folder: string, purpose: 'entry' | 'token'): KeySet {
  const path = join(folder, `${purpose}.pem`);
  const private_key = privateKey(path, () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  if (private_key.asymmetricKeyDetails?.namedCurve !== 'prime256v1')
    throw new Error(`${path}: not a P-256 private key`);
  const public_key = createPublicKey(private_key);
  const retired = listSecretFiles(folder, new RegExp(`^${purpose}\\.[^.]+\\.pub\\.pem$`));
  return {
    current: { kid: keyId(public_key), private_key, public_key },
    previous: retired.map((file) => {
      const key = createPublicKey(readSecretFile(file) ?? '');
      return { kid: keyId(key), public_key: key };
    }),
  };
}

function logKey(path: string, origin: string): LogKey {
  const private_key = privateKey(path, () => generateKeyPairSync('ed25519').privateKey);
  if (private_key.asymmetricKeyType !== 'ed25519') throw new Error(`${path}: not an Ed25519 private key`);
  const verifier = verifierKey(origin, 'ed25519', rawPublicKey(private_key));
  return { private_key, verifier, vkey: formatVerifierKey(verifier) };
}

function privateKey(path: string, make: () => KeyObject): KeyObject {
  const known = readSecretFile(path);
  if (known !== undefined) {
    try {
      return createPrivateKey(known);
    } catch (error) {
      throw new Error(`${path}: not a private key in PEM; restore it from a backup`, { cause: error });
    }
  }
  const made = make();
  // Durable before it signs anything: a key that signed and was then lost would leave entries nobody can attribute.
  writeSecretFile(path, String(made.export({ type: 'pkcs8', format: 'pem' })));
  return made;
}

function installationKey(path: string): Uint8Array {
  const known = readSecretFile(path);
  if (known === undefined) {
    const made = randomBytes(32);
    writeSecretFile(path, `${made.toString('base64')}\n`);
    return new Uint8Array(made);
  }
  const key = Buffer.from(known.trim(), 'base64');
  if (key.length !== 32) throw new Error(`${path}: not 32 bytes in base64; restore it from a backup`);
  return new Uint8Array(key);
}

export const spkiOf = (key: KeyObject): Buffer => {
  const publicKey = key.type === 'private' ? createPublicKey(key) : key;
  return publicKey.export({ type: 'spki', format: 'der' });
};
/** Every key whose signatures count, newest first. */
export const verifyingKeys = ({ current, previous }: KeySet): readonly KeyObject[] =>
  [current, ...previous].map(({ public_key }) => public_key);
export const keyId = (key: KeyObject): string => createHash('sha256').update(spkiOf(key)).digest('base64url');

function rawPublicKey(key: KeyObject): Uint8Array {
  const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
  return new Uint8Array(Buffer.from(x, 'base64url'));
}

/** RFC 7517: the public keys tokens and entries verify under, newest first (`/jwks.json`). */
export function jwks({ token, entry }: Pick<Keys, 'token' | 'entry'>): {
  readonly keys: readonly JsonWebKey[];
} {
  const keys = [token, entry].flatMap(({ current, previous }) => [current, ...previous]);
  return {
    keys: keys.map(({ kid, public_key }) => ({
      ...public_key.export({ format: 'jwk' }),
      kid,
      alg: 'ES256',
      use: 'sig',
    })),
  };
}
