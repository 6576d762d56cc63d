/** Other systems that are told what happens, and whether they take it. For operators and auditors. */
import type { WebhookEndpoint } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { webhookQueries } from '../../../data/channels.ts';
import { Item, Items } from '../../../kit/data/items.tsx';
import { Section, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Empty } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { count } from '../../../words/size.ts';
import { nameOfPlace, standingOf, troubleWords } from './words.ts';

export function Told() {
  const { data: places } = useSuspenseQuery(webhookQueries.all);
  return (
    <Section title="Webhooks">
      {places.length === 0 ? (
        <Empty title="None is configured">
          Other systems are told what happens, signed and in order, once they are named in the configuration,
          under <code>channels.webhooks</code>.
        </Empty>
      ) : (
        <Items label="Systems that are told what happens">
          {places.map((place) => (
            <Place key={place.name} place={place} />
          ))}
        </Items>
      )}
    </Section>
  );
}

const Place = ({ place }: { readonly place: WebhookEndpoint }) => (
  <Item
    title={
      <Link to="/channels/told/$name" params={{ name: place.name }}>
        <Shown text={nameOfPlace(place.name)} />
      </Link>
    }
    mark={<Stands place={place} />}
  >
    <Soft>
      {place.to.length === 0 ? null : (
        <>
          <Shown text={place.to.join(', ')} mono /> ·{' '}
        </>
      )}
      <Counts place={place} />
    </Soft>
    <Trouble place={place} />
    {(place.secrets ?? 1) > 1 ? (
      <Soft>Its secret is being replaced: every notice is signed with {count(place.secrets ?? 1)}.</Soft>
    ) : null}
  </Item>
);

const Counts = ({ place: { delivered, waiting, dead } }: { readonly place: WebhookEndpoint }) =>
  [
    `${count(delivered)} told`,
    waiting === 0 ? '' : `${count(waiting)} waiting`,
    dead === 0 ? '' : `${count(dead)} not told`,
  ]
    .filter(Boolean)
    .join(' · ');

/** Since when it takes nothing, and why. */
export function Trouble({
  place: { failing_since, gone_at, trouble, configured },
}: {
  readonly place: WebhookEndpoint;
}) {
  const since = gone_at ?? failing_since;
  if (since === undefined || !configured) return null;
  const why = gone_at === undefined ? trouble && troubleWords(trouble) : GONE;
  return (
    <Soft>
      {why === undefined ? null : (
        <>
          <Shown text={why} />.{' '}
        </>
      )}
      Since <When at={since} />.
    </Soft>
  );
}

const GONE = 'Nothing is sent there until an operator tells it again';

export function Stands({ place }: { readonly place: WebhookEndpoint }) {
  const { tone, shape, word } = standingOf(place);
  return (
    <Mark tone={tone} shape={shape}>
      {word}
    </Mark>
  );
}
