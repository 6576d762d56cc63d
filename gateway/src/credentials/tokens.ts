/**
 * Tokens this gateway signs for agents: a denial's binding (so that a request is about what was denied) and an
 * approval's state (ARAP, WIRE §3). Neither is a bearer grant: both are checked against the caller, the action and the
 * store again (I3). Signed with the token key, which signs nothing else.
 */
import type { KeyObject } from 'node:crypto';
import * as errors from 'jose/errors';
import { SignJWT } from 'jose/jwt/sign';
import { jwtVerify } from 'jose/jwt/verify';
import { type Bound, bindingHash } from './binding.ts';

export const BINDING_TYPE = 'denial-binding+jwt';
export const APPROVAL_TYPE = 'approval+jwt';
const ALG = 'ES256';

export type TokenKey = {
  readonly kid: string;
  readonly private_key: KeyObject;
  readonly public_key: KeyObject;
};
export type TokenKeys = {
  readonly current: TokenKey;
  /** Keys that no longer sign but still verify: rotation overlaps. */
  readonly previous: readonly Pick<TokenKey, 'kid' | 'public_key'>[];
};

export type DenialTerms = {
  readonly agent: string;
  readonly evaluation_id: string;
  readonly bound: Bound;
  readonly expires_at: number;
};
export type ApprovalTerms = {
  readonly agent: string;
  readonly subject: string;
  readonly act?: object;
  readonly request_id: string;
  readonly approval_id: string;
  readonly evaluation_id: string;
  readonly action_digest: string;
  readonly approved_at: number;
  readonly approved_until: number;
  readonly uses: number;
  readonly bound: Bound;
  /** What the approval covers, for display: action names, upstreams, resource id. */
  readonly covers: {
    readonly actions: readonly string[];
    readonly locations: readonly string[];
    readonly identifier: string;
  };
};

export type Checked<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly why: 'expired' | 'invalid' };

export type Tokens = {
  signDenial(terms: DenialTerms): Promise<string>;
  /** Ours, in time, given to this agent, and about exactly this action. */
  checkDenial(
    token: string,
    agent: string,
    bound: Bound,
  ): Promise<Checked<{ readonly evaluation_id: string }>>;
  signApproval(terms: ApprovalTerms): Promise<string>;
  checkApproval(
    token: string,
    agent: string,
    bound: Bound,
  ): Promise<Checked<{ readonly approval_id: string; readonly request_id: string }>>;
};

export type TokensDeps = {
  readonly keys: TokenKeys;
  readonly issuer: string;
  readonly now: () => number;
  readonly id: () => string;
};

export function createTokens({ keys, issuer, now, id }: TokensDeps): Tokens {
  const sign = (
    typ: string,
    expires_at: number,
    claims: { readonly [name: string]: unknown },
  ): Promise<string> =>
    new SignJWT({ ...claims })
      .setProtectedHeader({ alg: ALG, typ, kid: keys.current.kid })
      .setIssuer(issuer)
      .setAudience(issuer)
      .setIssuedAt(seconds(now()))
      .setExpirationTime(seconds(expires_at))
      .setJti(id())
      .sign(keys.current.private_key);

  const check = async (
    token: string,
    typ: string,
    { agent, bound }: { readonly agent: string; readonly bound: Bound },
  ): Promise<Checked<Claims>> => {
    try {
      const { payload } = await jwtVerify(token, ({ kid }) => publicKey(keys, kid), {
        algorithms: [ALG],
        typ,
        issuer,
        audience: issuer,
        currentDate: new Date(now()),
        requiredClaims: [
          'exp',
          'jti',
          'evaluation_id',
          'binding_hash',
          'binding_context_members',
          'client_id',
        ],
      });
      const claims = readClaims(payload);
      const ours =
        claims !== undefined &&
        claims.client_id === agent &&
        claims.binding_hash === bindingHash(bound, membersOf(bound, claims));
      return ours ? { ok: true, value: claims } : { ok: false, why: 'invalid' };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { ok: false, why: 'expired' };
      if (error instanceof errors.JOSEError) return { ok: false, why: 'invalid' };
      throw error;
    }
  };

  return {
    signDenial: ({ agent, evaluation_id, bound, expires_at }) =>
      sign(BINDING_TYPE, expires_at, {
        client_id: agent,
        evaluation_id,
        denial_expires_at: seconds(expires_at),
        ...binding(bound),
      }),
    async checkDenial(token, agent, bound) {
      const checked = await check(token, BINDING_TYPE, { agent, bound });
      return checked.ok ? { ok: true, value: { evaluation_id: checked.value.evaluation_id } } : checked;
    },
    signApproval: (terms) =>
      sign(APPROVAL_TYPE, terms.approved_until, {
        sub: terms.subject,
        ...(terms.act === undefined ? {} : { act: terms.act }),
        client_id: terms.agent,
        txn: terms.request_id,
        approval_id: terms.approval_id,
        evaluation_id: terms.evaluation_id,
        approved_at: seconds(terms.approved_at),
        ...binding(terms.bound),
        authorization_details: [
          { type: 'urn:countersign:privileged-action', ...terms.covers, action_digest: terms.action_digest },
        ],
        max_uses: terms.uses,
      }),
    async checkApproval(token, agent, bound) {
      const checked = await check(token, APPROVAL_TYPE, { agent, bound });
      if (!checked.ok) return checked;
      const { approval_id, txn } = checked.value;
      if (approval_id === undefined || txn === undefined) return { ok: false, why: 'invalid' };
      return { ok: true, value: { approval_id, request_id: txn } };
    },
  };
}

const seconds = (ms: number): number => Math.floor(ms / 1000);

function binding(bound: Bound): {
  readonly binding_context_members: readonly string[];
  readonly binding_hash: string;
} {
  const members = Object.keys(bound.context).sort();
  return { binding_context_members: members, binding_hash: bindingHash(bound, members) };
}

/** Every member of today's context counts, so that one added since is a different action. */
const membersOf = (bound: Bound, claims: Claims): readonly string[] => [
  ...new Set([...claims.binding_context_members, ...Object.keys(bound.context)]),
];

function publicKey({ current, previous }: TokenKeys, kid: string | undefined): KeyObject {
  const found = [current, ...previous].find((key) => key.kid === kid);
  if (found === undefined) throw new errors.JWKSNoMatchingKey();
  return found.public_key;
}

type Claims = {
  readonly client_id: string;
  readonly evaluation_id: string;
  readonly binding_hash: string;
  readonly binding_context_members: readonly string[];
  readonly approval_id?: string;
  readonly txn?: string;
};

function readClaims(payload: { readonly [name: string]: unknown }): Claims | undefined {
  const {
    client_id,
    evaluation_id,
    binding_hash,
    binding_context_members: members,
    approval_id,
    txn,
  } = payload;
  if (typeof client_id !== 'string' || typeof evaluation_id !== 'string' || typeof binding_hash !== 'string')
    return undefined;
  if (!Array.isArray(members) || !members.every((each) => typeof each === 'string')) return undefined;
  return {
    client_id,
    evaluation_id,
    binding_hash,
    binding_context_members: members,
    ...(typeof approval_id === 'string' ? { approval_id } : {}),
    ...(typeof txn === 'string' ? { txn } : {}),
  };
}
