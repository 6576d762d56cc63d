/**
 * What operators change, put together: one way to ask whether a change may be made now, the changes themselves, and
 * what makes them once people have agreed. Nothing here decides.
 */
import type { Json } from '@countersign/core';
import type { Accounts, Operators, PeopleAdmin, Tools } from '../api/ports.ts';
import type { Changes } from '../authority/changes.ts';
import type { Deps } from '../deps.ts';
import { type Desk, openDesk } from '../desk/desk.ts';
import { createRosterChanges } from '../identity/roster/changes.ts';
import type { ConfigInForce } from '../in-force/config.ts';
import { CONFIG_RESOURCE } from '../in-force/config-change.ts';
import { type FollowingParts, followOthers, keepFollowing } from '../in-force/following.ts';
import type { InForce } from '../in-force/policy.ts';
import { POLICY_RESOURCE } from '../in-force/policy-change.ts';
import { createProposals, type Proposals } from '../in-force/proposals.ts';
import { type Agree, createAgree } from '../operations/agree.ts';
import { createAccounts } from '../operations/links/links.ts';
import type { OperationName } from '../operations/operation.ts';
import { createOperators } from '../operations/operators.ts';
import { endOthers } from '../operations/outdated.ts';
import { createPeopleAdmin } from '../operations/people.ts';
import { type Maker, startTakeUp } from '../operations/take-up.ts';
import { createTools } from '../tools/tools.ts';

/** Asked of the policy's files before there is anything to ask with: filled in once there is. */
type Asked = {
  readonly agree: Agree;
  readonly withdrawn: (name: FileChange) => Promise<void>;
  /** What another process put in force is served here, so that a file may be compared with it. */
  readonly ready: () => Promise<boolean>;
};

/** What a file says: asked about as long as it says so. */
type FileChange = 'countersign.policy.change' | 'countersign.config.change';
const RESOURCES = {
  'countersign.policy.change': POLICY_RESOURCE,
  'countersign.config.change': CONFIG_RESOURCE,
} as const;

export type AskedLate = Asked & { fill(asked: Asked): void };

export function askedLate(): AskedLate {
  let filled: Asked | undefined;
  const known = (): Asked => {
    if (filled === undefined) throw new TypeError('operators were asked before the gateway was whole');
    return filled;
  };
  return {
    agree: (operation) => known().agree(operation),
    withdrawn: (name) => known().withdrawn(name),
    ready: async () => known().ready(),
    fill: (asked) => {
      filled = asked;
    },
  };
}

export type Operating = {
  readonly tools: Tools;
  readonly operators: Operators;
  readonly people: PeopleAdmin;
  readonly accounts: Accounts;
  readonly desk: Desk;
  /**
   * Makes what was approved, from now on and since an earlier process stopped; and watches the policy's files. `look`: what
   * is served at first may not be what the files say, which is then a change like any other.
   */
  start(how: { readonly look: boolean }): Promise<() => Promise<void>>;
};

export type OperatingParts = {
  readonly deps: Deps;
  readonly tenant: string;
  readonly asked: AskedLate;
  readonly changes: Changes;
  readonly policy: InForce;
  readonly inForce: ConfigInForce;
} & Pick<FollowingParts, 'audit' | 'metrics' | 'config_file'>;

export function openOperating(parts: OperatingParts): Operating {
  const { deps, tenant, asked, changes, policy, inForce } = parts;
  const { store, authority, now } = deps;
  const agree = createAgree({ deps, tenant });
  const withdrawn = (name: FileChange): Promise<void> => endOthers(deps, { name, resource: RESOURCES[name] });
  const ready = async (): Promise<boolean> => {
    await authority.catchUp();
    return authority.trouble() === undefined;
  };
  asked.fill({ agree, withdrawn, ready });
  followOthers({ ...deps, ...parts });
  const tools = createTools({ store, authority, now, changes, rebuild: policy.rebuild, agree });
  const operators = createOperators({ authority, now, changes, agree });
  const roster = createRosterChanges({ changes, now });
  const people = createPeopleAdmin({ authority, agree, people: roster });
  const { installation_key } = deps;
  const accounts = createAccounts({
    store,
    world: changes.world,
    people: roster,
    authority,
    agree,
    now,
    installation_key,
  });
  const proposals = createProposals({ store, now, policy });
  const desk = openDesk({ deps, policy, changes, proposals });
  return {
    tools,
    operators,
    people,
    accounts,
    desk,
    async start({ look }) {
      const stopDesk = desk.start();
      const stopFollowing = keepFollowing(deps);
      const takeUp = await startTakeUp(
        deps,
        makersOf({ tools, operators, people, accounts, policy, inForce, proposals }),
      );
      policy.source.watch();
      if (look) {
        await inForce.look();
        await policy.source.reload();
      }
      return async () => {
        await stopFollowing();
        await takeUp.stop();
        await stopDesk();
        await policy.source.close();
      };
    },
  };
}

type Made = Pick<Operating, 'tools' | 'operators' | 'people' | 'accounts'> &
  Pick<OperatingParts, 'policy' | 'inForce'> & { readonly proposals: Proposals };

/** What people approved, by the code that asked them: it asks for their agreement again, and finds it. */
const makersOf = ({
  tools,
  operators,
  people,
  accounts,
  policy,
  inForce,
  proposals,
}: Made): { readonly [N in OperationName]: Maker } => ({
  // Either may have waited for the other: a rule for the group it names, a group for the rule that still names it.
  'countersign.policy.change': async (args, by = '') => {
    if (policy.kind === 'store') return proposals.takeUp(args, by);
    await policy.source.reload();
    await inForce.look();
  },
  'countersign.config.change': async () => {
    await inForce.look();
    await policy.source.reload();
  },
  'countersign.tools.accept': async ({ upstream, tool, pin, class: as }, by = '') => {
    if (as !== 'read' && as !== 'write' && as !== 'destructive') return;
    await tools.accept({ upstream: text(upstream), tool: text(tool), pin: text(pin), class: as, by });
  },
  'countersign.people.activate': async ({ person }, by = '') => {
    await people.setActive({ person: text(person), active: true, by });
  },
  'countersign.people.link': async ({ person, account }, by = '') => {
    await accounts.link({ person: text(person), account: text(account), by });
  },
  'countersign.people.unlink': async ({ person, account }, by = '') => {
    await accounts.unlink({ person: text(person), account: text(account), by });
  },
  'countersign.operators.rule': async ({ needed }, by = '') => {
    if (needed === 1 || needed === 2) await operators.need(needed, by);
  },
});

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
