/** A new key of an agent, and how it stands in countersign.yaml: its hash, never the key. */
import { hashCredential, makeCredential } from '../../identity/credential.ts';
import { instant } from '../render/time.ts';

export const KEY_DAYS = 365;
/** Shown of a key, so that people can tell two apart: 36 of its 256 bits. */
const PREFIX_CHARACTERS = 'cs_agent_'.length + 6;

export type AgentKey = {
  readonly key: string;
  readonly hash: string;
  readonly prefix: string;
  readonly created: string;
  /** Absent: never. */
  readonly expires?: string;
};

const day = (at: number): string => instant(at).slice(0, 10);

export function makeAgentKey(now: number, days: number): AgentKey {
  const key = makeCredential('agent');
  return {
    key,
    hash: hashCredential(key),
    prefix: key.slice(0, PREFIX_CHARACTERS),
    created: day(now),
    ...(days === 0 ? {} : { expires: day(now + days * 86_400_000) }),
  };
}

/** One of `agents.<id>.keys`. */
export const keyLine = ({ hash, prefix, created, expires }: AgentKey): string =>
  `{ hash: "${hash}", prefix: ${prefix}, created: ${created}${expires === undefined ? '' : `, expires: ${expires}`} }`;
