/**
 * How many operators a change takes, shown in plain words and changed. That one is enough again is itself a change two
 * must agree to; that two are needed again, one may ask for, where there are two.
 */
import type { Operators as Shown } from '@countersign/sdk';
import type { Accepted, Operators } from '../api/ports.ts';
import type { Snapshot } from '../authority/authority.ts';
import { type Changes, operatorsRecord } from '../authority/changes.ts';
import {
  activeOperators,
  keepOperatorsRule,
  type OperatorsRule,
  unseenWords,
} from '../authority/operators.ts';
import type { Deps } from '../deps.ts';
import type { Agree } from './agree.ts';

export type OperatorsDeps = Pick<Deps, 'authority' | 'now'> & {
  readonly changes: Pick<Changes, 'applyBeside'>;
  readonly agree: Agree;
};

export const createOperators = (deps: OperatorsDeps): Operators => ({
  show: () => shown(deps.authority.current()),
  need: (needed, by) => need(deps, needed, by),
});

function shown({ operators, directory }: Snapshot): Shown {
  return {
    needed: operators?.kind === 'two' ? 2 : 1,
    why:
      operators?.kind === 'two'
        ? 'two operators have been active: whoever asks for a change needs another to agree'
        : unseenWords(operators),
    ...(operators === undefined ? {} : { since: operators.since }),
    operators: activeOperators(directory),
  };
}

async function need(
  { authority, agree, changes, now }: OperatorsDeps,
  needed: 1 | 2,
  by: string,
): Promise<Accepted> {
  const { operators, directory } = authority.current();
  if ((operators?.kind === 'two') === (needed === 2)) return { kind: 'done' };
  if (needed === 2 && activeOperators(directory).length < 2) {
    return {
      kind: 'refused',
      why: 'wrong_state',
      message: 'needed: there are not two active operators; give a second person the role operator first',
    };
  }
  const agreement = await agree({
    name: 'countersign.operators.rule',
    by,
    resource: 'operators',
    arguments: { needed },
  });
  if (agreement.kind !== 'agreed') return agreement;
  const { beside, review } = agreement;
  const applied = await changes.applyBeside(() => {
    const since = now();
    const rule: OperatorsRule = { kind: needed === 2 ? 'two' : 'ended', since };
    return {
      world: {},
      next: { operators: rule },
      steps: [keepOperatorsRule(rule)],
      beside,
      record: operatorsRecord(
        {
          change:
            needed === 2 ? 'two operators are needed from now on' : 'one operator is enough from now on',
          review,
        },
        by,
      ),
    };
  });
  return applied.ok ? { kind: 'done' } : { kind: 'refused', why: 'wrong_state', message: applied.why };
}
