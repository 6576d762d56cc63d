/** Pausing this agent, and resuming it. Who may is the gateway's word; what nobody of this role ever may is not offered. */
import type { Agent, Me } from '@countersign/sdk';
import { gate } from '../../../data/gate.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { Ask } from '../../ask/ask.tsx';

const STALE = [['agents'], ['requests'], ['inbox'], ['today']];

const mayPause = (me: Me, { owner }: Agent): boolean =>
  hasRole(me, 'operator') || hasRole(me, 'reviewer') || owner === me.id;

export function Pause({ agent }: { readonly agent: Agent }) {
  const me = useMe();
  const { paused, owner } = agent;
  // What its owner paused its owner may resume, until somebody else pauses it too.
  const stands = paused !== undefined && (paused.by !== owner || me.id === owner);
  if (stands || !mayPause(me, agent)) return null;
  return (
    <Ask
      word="Pause"
      title={`Pause ${agent.id}`}
      kind="danger"
      reason="Why? It goes on the record."
      run={(reason) => gate.agents.pause(agent.id, reason)}
      said="Paused. Nothing of it runs."
      stale={STALE}
    >
      <p>
        From now on nothing of it is permitted, not even what was approved a moment ago, and what it waits for
        is withdrawn. What is running goes on to its end.
      </p>
      <p>You, or an operator who does not answer for it, can resume it.</p>
    </Ask>
  );
}

export function Paused({ agent: { id, paused, owner } }: { readonly agent: Agent }) {
  const me = useMe();
  if (paused === undefined) return null;
  const may = paused.by === me.id || (hasRole(me, 'operator') && owner !== me.id);
  return (
    <Note
      tone="red"
      title="Paused: nothing of it runs"
      action={
        may ? (
          <Ask
            word="Resume"
            kind="primary"
            title={`Resume ${id}`}
            run={() => gate.agents.resume(id)}
            said="Resumed. The policy decides what it may do."
            stale={STALE}
          >
            <p>The policy decides again what it may do. What was withdrawn must be asked anew.</p>
          </Ask>
        ) : null
      }
    >
      <p>
        By <Shown text={paused.by} />, <When at={paused.at} />
        {paused.reason === undefined ? null : (
          <>
            : “<Shown text={paused.reason} />”
          </>
        )}
        . {may ? null : 'They, or an operator who does not answer for it, can resume it.'}
      </p>
    </Note>
  );
}
