/**
 * Tokens that were verified, by their SHA-256, until they expire: a call with one of them costs a hash and a look-up. All
 * are looked at anew when the authority's epoch moves, and each when its key is no longer published (I8).
 */
import { hash } from 'node:crypto';
import type { Principal } from '@countersign/core';
import type { AgentLimits } from '../../config/agents.ts';
import type { Moment, Standing } from '../standing.ts';
import { IssuerKeys, type KeySource, type KeysLog } from './keys.ts';
import { type Named, nameOf } from './naming.ts';
import { refusal, WorkloadRefusal } from './refusal.ts';
import type { Issuer } from './rules.ts';
import { TOKEN_BYTES_MAX } from './token.ts';
import { type Verified, verifyToken } from './verify.ts';

const TOKENS_MAX = 10_000;
/** Of the texts of all tokens held; what is made of them is of the same order. */
const CHARACTERS_MAX = 16 * 1024 * 1024;
const SWEEP_MS = 60_000;

export type Admitted = {
  readonly verified: Verified;
  readonly principal: Principal;
  readonly limits: AgentLimits;
  readonly standing: Standing;
  /** SHA-256 of the token, base64url: what a proof must name (RFC 9449 §4.2, `ath`). */
  readonly digest: string;
};

export type Tokens = {
  /** A token that was verified and still stands. No I/O. */
  known(token: string): Admitted | undefined;
  /** @throws WorkloadRefusal */
  admit(token: string): Promise<Admitted>;
  /** Fetches keys that are due. */
  refreshKeys(): Promise<void>;
  close(): void;
};

export type TokensOptions = {
  readonly tenant: string;
  readonly public_url: string;
  readonly moment: () => Moment;
  readonly now: () => number;
  readonly log: KeysLog;
  readonly source: (issuer: Issuer) => KeySource;
};

type Entry = { readonly admitted: Admitted; readonly moment: Moment; readonly size: number };

export function createTokens({ tenant, public_url, moment, now, log, source }: TokensOptions): Tokens {
  const cache = createCache();
  const sets = new Map<string, IssuerKeys>();
  const mounts = `${public_url}/mcp/`;

  const keysOf = (issuer: Issuer): IssuerKeys => {
    const id = issuer.keys_from;
    const held =
      sets.get(id) ?? new IssuerKeys({ issuer: issuer.config.issuer, source: source(issuer), now, log });
    sets.set(id, held);
    return held;
  };
  const name = (verified: Verified, at: Moment): Named | undefined => {
    // The rules as they now are: the issuer may have others, be trusted with less, or be gone.
    const issuer = at.agents.workloads.issuers.find(({ trust }) => trust === verified.issuer.trust);
    if (issuer === undefined) return undefined;
    return nameOf(verified.claims, issuer, {
      tenant,
      directory: at.directory,
      configured: (id) => at.agents.get(id)?.config,
      act_depth_max: at.agents.workloads.act_depth_max,
    });
  };
  const standingOf = (verified: Verified, named: Named, first: Moment): Standing => {
    const keys = keysOf(verified.issuer);
    let last: { readonly at: Moment; readonly principal: Principal | undefined } = {
      at: first,
      principal: named.principal,
    };
    return (at, time) => {
      if (time >= verified.until || !keys.has(verified.kid, verified.key)) return undefined;
      if (last.at !== at) last = { at, principal: quietly(() => name(verified, at))?.principal };
      return last.principal;
    };
  };
  const refreshKeys = async (): Promise<void> => {
    const { issuers } = moment().agents.workloads;
    const wanted = new Set(issuers.map(({ keys_from }) => keys_from));
    for (const id of sets.keys()) if (!wanted.has(id)) sets.delete(id);
    await Promise.all(issuers.map((issuer) => keysOf(issuer).refreshIfDue()));
  };
  const sweeper = setInterval(() => void refreshKeys(), SWEEP_MS);
  sweeper.unref();

  return {
    known(token) {
      if (token.length > TOKEN_BYTES_MAX) return undefined;
      const digest = hash('sha256', token, 'base64url');
      const entry = cache.get(digest);
      if (entry === undefined) return undefined;
      const at = moment();
      if (entry.moment === at && entry.admitted.standing(at, now()) !== undefined) return entry.admitted;
      cache.delete(digest);
      return undefined;
    },
    async admit(token) {
      const at = moment();
      const verified = await verifyToken(token, {
        workloads: at.agents.workloads,
        keysOf,
        now: now(),
        mounts,
      });
      const named = name(verified, at);
      if (named === undefined) throw refusal('unknown_issuer');
      const digest = hash('sha256', token, 'base64url');
      const admitted: Admitted = { verified, ...named, standing: standingOf(verified, named, at), digest };
      cache.set(digest, { admitted, moment: at, size: token.length });
      return admitted;
    },
    refreshKeys,
    close: () => clearInterval(sweeper),
  };
}

function quietly(named: () => Named | undefined): Named | undefined {
  try {
    return named();
  } catch (error) {
    // No rule, or nobody, stands for it any more: that is the answer.
    if (error instanceof WorkloadRefusal) return undefined;
    throw error;
  }
}

/** The longest unused goes first; never more than so many, nor so much. */
function createCache() {
  const entries = new Map<string, Entry>();
  let size = 0;
  const drop = (digest: string): void => {
    size -= entries.get(digest)?.size ?? 0;
    entries.delete(digest);
  };
  return {
    get(digest: string): Entry | undefined {
      const entry = entries.get(digest);
      if (entry === undefined) return undefined;
      entries.delete(digest);
      entries.set(digest, entry);
      return entry;
    },
    delete: drop,
    set(digest: string, entry: Entry): void {
      drop(digest);
      entries.set(digest, entry);
      size += entry.size;
      for (const oldest of entries.keys()) {
        if (entries.size <= TOKENS_MAX && size <= CHARACTERS_MAX) break;
        drop(oldest);
      }
    },
  };
}
