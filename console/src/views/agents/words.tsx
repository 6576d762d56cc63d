/** Agents: what they come in with, and whether that needs care. */
import type { Agent, AgentCredential } from '@countersign/sdk';
import { Mark } from '../../kit/mark.tsx';
import { counted } from '../../words/size.ts';
import type { Worded } from '../../words/states.ts';

const STATES: { readonly [S in AgentCredential['state']]: Worded } = {
  live: { word: 'Good', tone: 'green', shape: 'tick' },
  expiring: { word: 'Expires soon', tone: 'amber', shape: 'half' },
  expired: { word: 'Expired', tone: 'red', shape: 'cross' },
};

export function CredentialMark({ of }: { readonly of: AgentCredential }) {
  const { word, tone, shape } = STATES[of.state];
  return (
    <Mark tone={tone} shape={shape}>
      {word}
    </Mark>
  );
}

/** `2 keys`, `tokens`, or what needs care first. */
export function ComesWith({ of: { keys, credentials } }: { readonly of: Agent }) {
  const expiring = credentials.filter(({ state }) => state === 'expiring').length;
  const parts = [
    ...(keys === 0 ? [] : [counted(keys, 'key')]),
    ...(credentials.some(({ kind }) => kind === 'token') ? ['tokens'] : []),
  ];
  if (expiring > 0)
    return (
      <Mark tone="amber" shape="half">
        {parts.join(', ')}, {expiring} expires soon
      </Mark>
    );
  if (parts.length > 0) return <>{parts.join(', ')}</>;
  return (
    <Mark tone="red" shape="cross">
      Nothing: it cannot come in
    </Mark>
  );
}

export function lastUsed({ credentials }: Agent): number | undefined {
  const times = credentials.flatMap(({ last_used_at }) => (last_used_at === undefined ? [] : [last_used_at]));
  return times.length === 0 ? undefined : Math.max(...times);
}
