/** A passkey in words: its state, and the fingerprint two people compare. */
import type { Passkey, PasskeyStatus } from '@countersign/sdk';
import type { Worded } from './states.ts';

export const PASSKEY_WORDS: { readonly [S in PasskeyStatus]: Worded } = {
  pending: { word: 'Waits to be confirmed', tone: 'amber', shape: 'half' },
  active: { word: 'Confirmed', tone: 'green', shape: 'tick' },
  revoked: { word: 'Revoked', tone: 'soft', shape: 'dash' },
};

const FINGERPRINT_DIGITS = 32;
/** The first half, in groups: 128 bits, which nobody makes a second key for. As the command line shows it. */
export const fingerprint = ({ key_digest }: Pick<Passkey, 'key_digest'>): string =>
  (key_digest.slice('sha256:'.length, 'sha256:'.length + FINGERPRINT_DIGITS).match(/.{4}/g) ?? []).join(' ');
