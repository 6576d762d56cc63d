import { encodeBase64 } from '../encoding/base64.ts';
import { concatBytes } from '../encoding/bytes.ts';
import { encodeUtf8 } from '../encoding/utf8.ts';
import type { Json } from '../json/value.ts';
import { arrayAt, at, bytesAt, has, objectAt, onlyMembers, refuse, stringAt } from './shape.ts';

export const IN_TOTO_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

export type DsseSignature = { readonly keyid?: string; readonly sig: Uint8Array };

/** DSSE v1 (secure-systems-lab/dsse), decoded. */
export type Envelope = {
  readonly payloadType: string;
  readonly payload: Uint8Array;
  readonly signatures: readonly DsseSignature[];
};

/** DSSE as JSON. */
export type EnvelopeJson = {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid?: string; readonly sig: string }[];
};

/** What is signed: `DSSEv1 <length> <type> <length> <payload>`, lengths in bytes, decimal. */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const type = encodeUtf8(payloadType);
  return concatBytes(encodeUtf8(`DSSEv1 ${type.length} ${payloadType} ${payload.length} `), payload);
}

export function envelopeToJson({ payloadType, payload, signatures }: Envelope): EnvelopeJson {
  return {
    payloadType,
    payload: encodeBase64(payload),
    signatures: signatures.map(({ keyid, sig }) => ({
      ...(keyid !== undefined && { keyid }),
      sig: encodeBase64(sig),
    })),
  };
}

/** Throws `WireError`. base64 must be the padded standard form: a second spelling would escape every digest over the text. */
export function readEnvelope(value: Json | undefined, path = 'envelope'): Envelope {
  const envelope = objectAt({ value, path });
  onlyMembers(envelope, path, ['payloadType', 'payload', 'signatures']);
  const signatures = arrayAt(at(envelope, path, 'signatures'));
  if (signatures.length === 0) refuse(`${path}.signatures`, 'must not be empty');
  return {
    payloadType: stringAt(at(envelope, path, 'payloadType')),
    payload: bytesAt(at(envelope, path, 'payload')),
    signatures: signatures.map((signature, index) =>
      readSignature(signature, `${path}.signatures[${index}]`),
    ),
  };
}

function readSignature(value: Json, path: string): DsseSignature {
  const signature = objectAt({ value, path });
  onlyMembers(signature, path, ['keyid', 'sig']);
  const sig = bytesAt(at(signature, path, 'sig'));
  // An absent and an empty key id mean the same (protobuf writes the latter).
  const keyid =
    has(signature, 'keyid') && signature['keyid'] !== '' ? stringAt(at(signature, path, 'keyid')) : undefined;
  return keyid === undefined ? { sig } : { keyid, sig };
}
