/**
 * The policy changed by proposal, where the store keeps it (`policy.source: store`): a draft is put down, asked about as
 * an operation whose bytes say every line that changes and name what it would be, and made once people have agreed. It
 * never makes anything but exactly that: what is put down elsewhere than agreed to has no agreement to find (I3, I13).
 */
import { isJsonObject, type JsonObject } from '@countersign/core';
import type { Deps } from '../deps.ts';
import { contentDigest, type PolicyFile } from '../policy/source/files.ts';
import type { Step } from '../store/store.ts';
import type { InForce, ProposalOutcome } from './policy.ts';

/** Only the newest can still be agreed to: each outdates those before it. */
const KEPT_MAX = 20;

export type Proposing = {
  readonly files: readonly PolicyFile[];
  /** The digest of the files it was made from. */
  readonly base: string;
  readonly by: string;
};

export type Proposals = {
  propose(proposing: Proposing): Promise<ProposalOutcome>;
  /** What people agreed to, if it is still of what is in force. */
  takeUp(args: JsonObject, by: string): Promise<void>;
};

export type ProposalsDeps = Pick<Deps, 'store' | 'now'> & {
  readonly policy: Pick<InForce, 'propose'> & { readonly source: Pick<InForce['source'], 'files'> };
};

const OUTDATED: ProposalOutcome = {
  kind: 'refused',
  why: 'wrong_state',
  message: 'base: the policy has changed since this draft was made from it; read it again and propose anew',
};

export function createProposals({ store, now, policy }: ProposalsDeps): Proposals {
  const inForce = (): string => contentDigest(policy.source.files());
  return {
    async propose({ files, base, by }) {
      if (base !== inForce()) return OUTDATED;
      // A crash after this leaves a draft nobody was asked about: it is as if it was never sent.
      await store.commit({ name: 'policy-draft', steps: putDown(files, by, now()), entries: [] });
      return policy.propose(files, by);
    },
    async takeUp(args, by) {
      const { content } = args;
      if (content === undefined || !isJsonObject(content) || content['before'] !== inForce()) return;
      const [row] = await store.read({
        sql: 'SELECT body FROM policy_drafts WHERE digest = $1',
        params: [String(content['after'])],
      });
      if (row !== undefined)
        await policy.propose(JSON.parse(String(row['body'])) as readonly PolicyFile[], by);
    },
  };
}

const putDown = (files: readonly PolicyFile[], by: string, at: number): readonly Step[] => [
  {
    name: 'draft',
    sql: `INSERT INTO policy_drafts (digest, body, proposed_by, proposed_at) VALUES ($1, $2, $3, $4)
          ON CONFLICT (digest) DO UPDATE SET body = excluded.body, proposed_by = excluded.proposed_by, proposed_at = excluded.proposed_at`,
    params: [contentDigest(files), JSON.stringify(files), by, at],
    rows: 1,
  },
  {
    name: 'forget-drafts',
    sql: `DELETE FROM policy_drafts WHERE digest NOT IN (SELECT digest FROM policy_drafts ORDER BY proposed_at DESC, digest LIMIT ${KEPT_MAX})`,
    params: [],
    rows: 'any',
  },
];
