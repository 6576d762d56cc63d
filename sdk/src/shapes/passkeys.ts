/** Reviewers' passkeys, and what a review signed with one carries. Bytes are base64url without padding, as browsers give them. */
import type { ReviewDocument, SignedDecision } from '@countersign/core';

export type PasskeyStatus = 'pending' | 'active' | 'revoked';

export type Passkey = {
  readonly id: string;
  readonly person: string;
  readonly person_name: string;
  /** The owner's own name for it. */
  readonly name: string;
  readonly status: PasskeyStatus;
  readonly credential_id: string;
  /** `sha256:` and hex over the public key: what whoever confirms it compares with its owner. */
  readonly key_digest: string;
  readonly algorithm: 'ES256' | 'EdDSA' | 'RS256';
  /** It may be on several devices of its owner. */
  readonly backed_up: boolean;
  readonly enrolled_at: number;
  readonly confirmed_by?: string;
  readonly confirmed_at?: number;
  readonly revoked_by?: string;
  readonly revoked_at?: number;
  readonly last_used_at?: number;
  /** While pending: who may confirm it. Empty when there is nobody, which is how it then stays. */
  readonly confirmable_by: readonly string[];
};

/** What `navigator.credentials.create` needs, bytes as text (WebAuthn Level 3 `PublicKeyCredentialCreationOptionsJSON`). */
export type EnrolOptions = {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly type: 'public-key'; readonly alg: number }[];
  readonly timeout: number;
  readonly excludeCredentials: readonly { readonly type: 'public-key'; readonly id: string }[];
  readonly authenticatorSelection: {
    readonly residentKey: 'preferred';
    readonly userVerification: 'required';
  };
  readonly attestation: 'none';
};

export type EnrolInput = {
  readonly name: string;
  readonly credential_id: string;
  readonly client_data: string;
  readonly attestation_object: string;
  readonly transports?: readonly string[];
};

export type ReviewChallengeInput = {
  /** `break-glass` takes a reason. */
  readonly decision: SignedDecision;
  readonly reason?: string;
  /** As shown. */
  readonly action_digest: string;
  readonly rendered_digest: string;
  /** Which of the person's keys; without it the one used last. */
  readonly credential_id?: string;
};

/** What is to be signed, whole, so that whoever signs can see that it says what they were shown. */
export type ReviewChallenge = {
  readonly document: ReviewDocument;
  /** Open the document's commitments: SHA-256 of salt and text is the digest. base64url. */
  readonly salts: { readonly shown: string; readonly reason?: string };
  /** What `navigator.credentials.get` needs. */
  readonly options: {
    readonly challenge: string;
    readonly rpId: string;
    readonly allowCredentials: readonly {
      readonly type: 'public-key';
      readonly id: string;
      readonly transports: readonly string[];
    }[];
    readonly userVerification: 'required';
    readonly timeout: number;
  };
  readonly expires_at: number;
};

/** What the authenticator gave back for it, verbatim. */
export type ReviewSignature = {
  readonly credential_id: string;
  readonly client_data: string;
  readonly authenticator_data: string;
  readonly signature: string;
};
