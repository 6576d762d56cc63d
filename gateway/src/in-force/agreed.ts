/**
 * What a gateway starts with where two operators are needed: the policy and the configuration they agreed to, from the
 * store. What is missing or altered there stops the start: there is nothing else that two people agreed to (I13).
 */
import type { Directory } from '@countersign/core';
import { leavers } from '../authority/leaving.ts';
import { loadOperatorsRule, type OperatorsRule } from '../authority/operators.ts';
import { channelsSchema } from '../channels/config.ts';
import type { Config } from '../config/config.ts';
import { outgoingSchema } from '../config/outgoing/outgoing.ts';
import { createDirectory } from '../identity/directory.ts';
import { takenFrom } from '../identity/roster/meaning.ts';
import type { Parting, Roster } from '../identity/roster/roster.ts';
import { type PolicyFile, policyDigest } from '../policy/source/files.ts';
import type { Store } from '../store/store.ts';
import { digestOf, type Governed } from './config-change.ts';
import { loadKeptConfig, loadKeptPolicy } from './kept.ts';

export type AtStart = {
  readonly rule: OperatorsRule | undefined;
  /** Absent where the files are taken as they are. */
  readonly agreed?: { readonly files: readonly PolicyFile[]; readonly config: Governed };
};

/** @throws TypeError where two are needed and the store does not have what they agreed to */
export async function openAgreed(store: Pick<Store, 'read'>): Promise<AtStart> {
  const rule = await loadOperatorsRule(store);
  if (rule?.kind !== 'two') return { rule };
  const [policy, config] = await Promise.all([loadKeptPolicy(store), loadKeptConfig(store)]);
  if (policy === undefined || policyDigest(policy.files) !== policy.digest) throw lost('policy');
  if (config === undefined || digestOf(config.parts) !== config.digest) throw lost('configuration');
  return { rule, agreed: { files: policy.files, config: { ...NEWER, ...config.parts } } };
}

/** Parts an older build did not keep: nobody agreed to any, so a file does not bring them in by itself. */
const NEWER: Pick<Governed, 'channels' | 'outgoing' | 'ticketing'> = {
  channels: channelsSchema.parse({}),
  outgoing: outgoingSchema.parse({}),
  ticketing: {},
};

/** Accounts the configuration that was last in force listed for somebody, and the one this start found does not (A13). */
export async function takenWhileStopped(
  store: Pick<Store, 'read'>,
  config: Config,
  at: number,
): Promise<readonly Parting[]> {
  const kept = await loadKeptConfig(store);
  return kept === undefined ? [] : takenFrom(kept.parts, config).map((each) => ({ ...each, at }));
}

type Now = { readonly config: Config; readonly roster: Roster; readonly directory: Directory };

/** Who was active by the configuration that was last in force, and is not by the one this start found (A10). */
export async function leftWhileStopped(
  store: Pick<Store, 'read'>,
  { config, roster, directory }: Now,
): Promise<readonly string[]> {
  const kept = await loadKeptConfig(store);
  return kept === undefined ? [] : leavers(createDirectory({ ...config, ...kept.parts }, roster), directory);
}

const lost = (what: string): TypeError =>
  new TypeError(
    `two operators are needed, and the store does not have the ${what} they agreed to as it was; restore the store from a backup`,
  );
