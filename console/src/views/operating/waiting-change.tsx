/**
 * Changes of what decides, as the views of operators show them: that one waits for another operator, and how many of them
 * it takes. They must never say that something changed before the gateway does.
 */
import type { HeldChange, RequestSummary } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { changesQuery, operatorsQuery } from '../../data/directory.ts';
import { Soft } from '../../kit/layout.tsx';
import { Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { Left } from '../../kit/time.tsx';

export type About = { readonly action: string; readonly resource?: string };

const isAbout =
  ({ action, resource }: About) =>
  (request: RequestSummary): boolean =>
    request.action === action && (resource === undefined || request.resource === resource);

/** The change of this that already waits, if there is one. */
export function useWaitingChange(about: About): RequestSummary | undefined {
  return useSuspenseQuery(changesQuery).data.find(isAbout(about));
}

const TITLES: { readonly [action: string]: string } = {
  'countersign.config.change': 'A change of countersign.yaml waits for operators',
  'countersign.tools.accept': 'Accepting this definition waits for another operator',
  'countersign.people.activate': 'Making them active again waits for another operator',
  'countersign.people.link': 'Linking an account to them waits for another operator',
  'countersign.people.unlink': 'Unlinking an account from them waits for another operator',
  'countersign.operators.rule': 'How many operators it takes waits for another operator',
};
const titleOf = ({ action }: About): string => TITLES[action] ?? 'A change waits for operators';

/** Nothing while no change of it waits. */
export function WaitingChange({ about }: { readonly about: About }) {
  const waiting = useWaitingChange(about);
  if (waiting === undefined) return null;
  return (
    <Note
      tone="amber"
      title={titleOf(about)}
      action={
        <Link to="/requests/$id" params={{ id: waiting.id }}>
          Open the request
        </Link>
      }
    >
      <p>
        Nothing has changed yet. It is made by itself once enough have agreed;{' '}
        <Left until={waiting.expires_at} /> left.
      </p>
    </Note>
  );
}

/** What a change just asked for came to: made at once, or held. */
export function Held({ change }: { readonly change: HeldChange }) {
  return (
    <Note
      tone="amber"
      live="status"
      title="Another operator must agree"
      action={
        <Link to="/requests/$id" params={{ id: change.request_id }}>
          Open the request
        </Link>
      }
    >
      <p>
        Nothing has changed yet. It is made by itself once they have agreed;{' '}
        <Left until={change.expires_at} /> left.
      </p>
    </Note>
  );
}

/** Said before somebody presses, in the gateway's own words. */
export function TakesHowMany() {
  const { data } = useSuspenseQuery(operatorsQuery);
  return (
    <Soft>
      {data.needed === 2
        ? 'It takes two operators: another one is asked, and nothing changes until they agree.'
        : 'It takes effect at once: one operator is enough here. '}
      {data.needed === 2 ? null : <Shown text={data.why} />}
    </Soft>
  );
}
