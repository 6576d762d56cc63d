/**
 * Signing by itself, for a thread that does nothing else with entries: all that is the same for a key is handed to it as text,
 * so it loads nothing to make that. Must not import what the store's threads would then carry for good.
 */
import { hash, type KeyObject, sign } from 'node:crypto';

/** A statement as the log stores it. */
export type Signed = { readonly envelope: string; readonly leaf: string };
export type Sign = (statement: string) => Signed;

/** What all envelopes and leaves of a key have in common. */
export type SignatureForm = {
  readonly payload_type: string;
  readonly keyid: string;
  /** The leaf, apart where digest and signature stand. */
  readonly leaf: readonly [head: string, middle: string, tail: string];
};

/** Digest and signature in base64. */
export const leafText = ([head, middle, tail]: SignatureForm['leaf'], digest: string, signature: string) =>
  `${head}"${digest}"${middle}"${signature}"${tail}`;

/** ES256 over the DSSE pre-authentication encoding. About 30 µs, no I/O; runs in any thread. */
export function signerBy(private_key: KeyObject, { payload_type, keyid, leaf }: SignatureForm): Sign {
  return (statement) => {
    const payload = Buffer.from(statement);
    // DSSE v1; the payload type has as many bytes as characters.
    const head = `DSSEv1 ${payload_type.length} ${payload_type} ${payload.length} `;
    const message = Buffer.concat([Buffer.from(head), payload]);
    const sig = sign('sha256', message, private_key).toString('base64');
    // Canonical member order and nothing that needs an escape: the same text `canonicalize` would give.
    const signatures = `[{"keyid":"${keyid}","sig":"${sig}"}]`;
    return {
      envelope: `{"payload":"${payload.toString('base64')}","payloadType":"${payload_type}","signatures":${signatures}}`,
      leaf: leafText(leaf, hash('sha256', message, 'base64'), sig),
    };
  };
}
