/** Shapes of passkeys and of what they sign. Bytes are base64url without padding, as browsers give them. */
import {
  AUTHENTICATOR_DATA_BYTES_MAX,
  CLIENT_DATA_BYTES_MAX,
  REVIEW_DOCUMENT_TYPE,
  type ReviewDocument,
  SIGNATURE_BYTES_MAX,
  SIGNED_DECISIONS,
} from '@countersign/core';
import type {
  EnrolInput,
  EnrolOptions,
  Passkey,
  ReviewChallenge,
  ReviewChallengeInput,
  ReviewSignature,
} from '@countersign/sdk';
import { z } from '@hono/zod-openapi';
import { KEY_NAME_CHARACTERS_MAX } from '../../passkeys/passkeys.ts';
import { describes } from './describes.ts';
import { digest, digestOut, text, time } from './values.ts';

/** Authenticators give some hundred bytes; a large RSA key with its extensions a few thousand. */
const ATTESTATION_BYTES_MAX = 8192;
const CREDENTIAL_BYTES_MAX = 1023;
const REASON_CHARACTERS_MAX = 2000;

const octets = (bytes_max: number) =>
  z
    .string()
    .min(1)
    .max(Math.ceil((bytes_max * 4) / 3))
    .regex(/^[A-Za-z0-9_-]+$/, 'expected base64url without padding');
const credentialId = octets(CREDENTIAL_BYTES_MAX);
const keyName = z.string().trim().min(1).max(KEY_NAME_CHARACTERS_MAX);
const decision = z.enum(SIGNED_DECISIONS);
const publicKey = z.literal('public-key');

export const passkey = describes<Passkey>()(
  z
    .object({
      id: text,
      person: text,
      person_name: text,
      name: text,
      status: z.enum(['pending', 'active', 'revoked']),
      credential_id: text,
      key_digest: digestOut,
      algorithm: z.enum(['ES256', 'EdDSA', 'RS256']),
      backed_up: z.boolean(),
      enrolled_at: time,
      confirmed_by: text.exactOptional(),
      confirmed_at: time.exactOptional(),
      revoked_by: text.exactOptional(),
      revoked_at: time.exactOptional(),
      last_used_at: time.exactOptional(),
      confirmable_by: z.array(text),
    })
    .openapi('Passkey'),
);

export const enrolOptions = describes<EnrolOptions>()(
  z
    .object({
      challenge: text,
      rp: z.object({ id: text, name: text }),
      user: z.object({ id: text, name: text, displayName: text }),
      pubKeyCredParams: z.array(z.object({ type: publicKey, alg: z.int() })),
      timeout: z.int(),
      excludeCredentials: z.array(z.object({ type: publicKey, id: text })),
      authenticatorSelection: z.object({
        residentKey: z.literal('preferred'),
        userVerification: z.literal('required'),
      }),
      attestation: z.literal('none'),
    })
    .openapi('EnrolOptions'),
);

export const enrolInput = describes<EnrolInput>()(
  z
    .strictObject({
      name: keyName,
      credential_id: credentialId,
      client_data: octets(CLIENT_DATA_BYTES_MAX),
      attestation_object: octets(ATTESTATION_BYTES_MAX),
      transports: z
        .array(z.string().regex(/^[a-z-]{1,32}$/, 'expected a transport such as usb'))
        .max(8)
        .exactOptional(),
    })
    .openapi('EnrolInput'),
);

export const confirmInput = z.strictObject({
  key_digest: digest.openapi({ description: 'As shown, after comparing it with the key’s owner.' }),
});
export const renameInput = z.strictObject({ name: keyName });

export const reviewChallengeInput = describes<ReviewChallengeInput>()(
  z
    .strictObject({
      decision,
      reason: z.string().trim().min(1).max(REASON_CHARACTERS_MAX).exactOptional(),
      action_digest: digest,
      rendered_digest: digest,
      credential_id: credentialId.exactOptional(),
    })
    .openapi('ReviewChallengeInput'),
);

const document = describes<ReviewDocument>()(
  z
    .object({
      typ: z.literal(REVIEW_DOCUMENT_TYPE),
      origin: text,
      task_id: text,
      stage: z.int(),
      decision,
      scope: z.object({ uses: z.int(), until: z.int() }),
      reviewer: z.object({ iss: text, sub: text }),
      action_digest: digestOut,
      policy_digest: digestOut,
      rendered_digest: digestOut,
      reason_digest: digestOut.nullable(),
      credential_id: text,
      nonce: text,
      exp: z.int(),
    })
    .openapi('ReviewDocument'),
);

export const reviewChallenge = describes<ReviewChallenge>()(
  z
    .object({
      document,
      salts: z.object({ shown: text, reason: text.exactOptional() }),
      options: z.object({
        challenge: text,
        rpId: text,
        allowCredentials: z.array(z.object({ type: publicKey, id: text, transports: z.array(text) })),
        userVerification: z.literal('required'),
        timeout: z.int(),
      }),
      expires_at: time,
    })
    .openapi('ReviewChallenge'),
);

export const reviewSignature = describes<ReviewSignature>()(
  z
    .strictObject({
      credential_id: credentialId,
      client_data: octets(CLIENT_DATA_BYTES_MAX),
      authenticator_data: octets(AUTHENTICATOR_DATA_BYTES_MAX),
      signature: octets(SIGNATURE_BYTES_MAX),
    })
    .openapi('ReviewSignature'),
);
