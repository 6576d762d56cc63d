/** Upstreams: how one is reached, and what their tools are. What a tool says of itself is never taken for what it is (I11). */
import type { Tool, ToolClass, ToolStatus, Upstream } from '@countersign/sdk';
import { Mark } from '../../kit/mark.tsx';
import { When } from '../../kit/time.tsx';
import type { Worded } from '../../words/states.ts';

const HEALTH: { readonly [S in Upstream['health']['state']]: Worded } = {
  answering: { word: 'Answers', tone: 'green', shape: 'tick' },
  failing: { word: 'Did not answer', tone: 'red', shape: 'cross' },
  not_asked: { word: 'Not used yet', tone: 'soft', shape: 'dash' },
};

export function Health({ of: { health } }: { readonly of: Upstream }) {
  const { word, tone, shape } = HEALTH[health.state];
  const at = health.state === 'failing' ? health.failed_at : health.answered_at;
  return (
    <Mark tone={tone} shape={shape}>
      <span>
        {word}
        {at === undefined ? null : (
          <>
            , <When at={at} />
          </>
        )}
      </span>
    </Mark>
  );
}

const STATUS: { readonly [S in ToolStatus]: Worded } = {
  accepted: { word: 'Accepted', tone: 'green', shape: 'tick' },
  quarantined: { word: 'New: not accepted', tone: 'amber', shape: 'half' },
  drifted: { word: 'Changed: not accepted', tone: 'amber', shape: 'half' },
};

export function ToolMark({ status }: { readonly status: ToolStatus }) {
  const { word, tone, shape } = STATUS[status];
  return (
    <Mark tone={tone} shape={shape}>
      {word}
    </Mark>
  );
}

export const CLASSES: readonly { readonly id: ToolClass; readonly label: string; readonly about: string }[] =
  [
    { id: 'read', label: 'It only reads', about: 'read: nothing is different after it ran.' },
    { id: 'write', label: 'It changes something', about: 'write: what it did can be put right again.' },
    { id: 'destructive', label: 'It destroys', about: 'destructive: what it did cannot be undone.' },
  ];

export const TRANSPORTS: { readonly [T in Upstream['transport']]: string } = {
  http: 'over HTTP',
  process: 'started here',
};

export const waits = ({ status }: Tool): boolean => status !== 'accepted';
