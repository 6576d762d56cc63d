/**
 * Refresh tokens rest sealed: who has the database alone, a copy or a backup, cannot speak to the provider as a person
 * (I7). The key is derived from the installation's and stands in no table; a text sealed for one account opens for it only.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ProviderTokens } from './provider/provider.ts';

export type Seal = {
  seal(tokens: ProviderTokens, account: string): string;
  /** Undefined for what this installation did not seal, or for another account. */
  open(sealed: string, account: string): ProviderTokens | undefined;
};

const CIPHER = 'aes-256-gcm';
const IV_OCTETS = 12;
const TAG_OCTETS = 16;

export function createSeal(installation_key: Uint8Array): Seal {
  const key = Buffer.from(hkdfSync('sha256', installation_key, '', 'countersign provider tokens v1', 32));
  return {
    seal(tokens, account) {
      const iv = randomBytes(IV_OCTETS);
      const cipher = createCipheriv(CIPHER, key, iv);
      cipher.setAAD(Buffer.from(account));
      const body = Buffer.concat([cipher.update(JSON.stringify(tokens), 'utf8'), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64url');
    },
    open(sealed, account) {
      const octets = Buffer.from(sealed, 'base64url');
      if (octets.length < IV_OCTETS + TAG_OCTETS) return undefined;
      const decipher = createDecipheriv(CIPHER, key, octets.subarray(0, IV_OCTETS), {
        authTagLength: TAG_OCTETS,
      });
      decipher.setAAD(Buffer.from(account));
      decipher.setAuthTag(octets.subarray(IV_OCTETS, IV_OCTETS + TAG_OCTETS));
      try {
        const body = Buffer.concat([
          decipher.update(octets.subarray(IV_OCTETS + TAG_OCTETS)),
          decipher.final(),
        ]);
        return JSON.parse(body.toString('utf8')) as ProviderTokens;
      } catch {
        return undefined; // another key or another account: there is nothing to ask with, and the session ends
      }
    },
  };
}
