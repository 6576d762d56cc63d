/**
 * One place that is told: how it stands, and what it was not told, with why. An operator may try it out and tell it again; an
 * auditor sees the same and no buttons.
 */
import type { WebhookDead, WebhookEndpoint } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { webhookQueries } from '../../../data/channels.ts';
import { gate } from '../../../data/gate.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { Item, Items } from '../../../kit/data/items.tsx';
import { Facts, Section, Soft, View } from '../../../kit/layout.tsx';
import { Empty } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { count, counted } from '../../../words/size.ts';
import { Stands, Trouble } from './told.tsx';
import { eventWords, nameOfPlace, troubleWords } from './words.ts';

const route = getRouteApi('/signed-in/channels/told/$name');

export function ToldView() {
  const { name } = route.useParams();
  const { data: places } = useSuspenseQuery(webhookQueries.all);
  const { data: dead } = useSuspenseQuery(webhookQueries.dead(name));
  const place = places.find((each) => each.name === name);
  return (
    <View
      title={<Shown text={nameOfPlace(name)} />}
      about={
        <>
          One of the systems that are told what happens. <Link to="/channels">All channels</Link>
        </>
      }
      actions={place?.configured === true ? <Acts place={place} /> : null}
      width="reading"
    >
      {place === undefined ? (
        <Empty title="Nothing is left for it, and it is not configured">
          It was told everything, or what it was not told was forgotten after 30 days.
        </Empty>
      ) : (
        <>
          <Standing place={place} />
          <NotTold place={place} dead={dead} />
        </>
      )}
    </View>
  );
}

/** Testing and telling again, for operators. */
function Acts({ place: { name, dead } }: { readonly place: WebhookEndpoint }) {
  const me = useMe();
  const test = useChange({
    run: () => gate.webhooks.test(name),
    stale: [['webhooks']],
    said: (tried) =>
      tried.taken
        ? `It took a test, in ${count(tried.took_ms)} ms.`
        : `It did not take the test: ${troubleWords(tried.trouble)}.`,
  });
  const replay = useChange({
    run: () => gate.webhooks.replay(name),
    stale: [['webhooks']],
    said: ({ replayed }) => `${counted(replayed, 'notice')} tried again.`,
  });
  if (!hasRole(me, 'operator')) return null;
  return (
    <>
      {name.startsWith('webhook:') ? (
        <Button isPending={test.isPending} onPress={() => test.mutate()}>
          Send a test
        </Button>
      ) : null}
      {dead === 0 ? null : (
        <Button kind="primary" isPending={replay.isPending} onPress={() => replay.mutate()}>
          Tell it all again
        </Button>
      )}
    </>
  );
}

const Standing = ({ place }: { readonly place: WebhookEndpoint }) => (
  <Section title="How it stands">
    <Facts
      rows={[
        [
          'State',
          <>
            <Stands key="mark" place={place} /> <Trouble key="why" place={place} />
          </>,
        ],
        ['At', place.to.length === 0 ? undefined : <Shown key="at" text={place.to.join(', ')} mono />],
        ['Told of', place.events.length === 0 ? undefined : place.events.map(eventWords).join(', ')],
        ['Took so far', counted(place.delivered, 'notice')],
        [
          'Took the last',
          place.last_delivered_at === undefined ? undefined : (
            <When key="last" at={place.last_delivered_at} />
          ),
        ],
        [
          'Waiting',
          place.oldest_at === undefined ? (
            'nothing'
          ) : (
            <>
              {counted(place.waiting, 'notice')}, the oldest since <When at={place.oldest_at} />
            </>
          ),
        ],
        ['Signed with', place.secrets === undefined ? undefined : signedWith(place.secrets)],
      ]}
    />
  </Section>
);

const signedWith = (secrets: number): string =>
  secrets === 1
    ? 'one secret'
    : `${count(secrets)} secrets, while one replaces another: take the old one out once the receiver knows the new`;

type NotToldProps = { readonly place: WebhookEndpoint; readonly dead: readonly WebhookDead[] };

const PAGE = 50;

function NotTold({ place, dead }: NotToldProps) {
  const me = useMe();
  const [shown, setShown] = useState(PAGE);
  const replay = useChange({
    run: (leaf_index: number) => gate.webhooks.replay(place.name, { leaf_index }),
    stale: [['webhooks']],
    said: () => 'It is tried again.',
  });
  const mayTell = hasRole(me, 'operator') && place.configured;
  return (
    <Section
      title="Not told"
      aside={dead.length < place.dead ? `the newest ${count(dead.length)} of ${count(place.dead)}` : null}
    >
      {dead.length === 0 ? (
        <Empty title="Nothing was given up">
          A notice that is not taken is tried ten times over three days; what is still not taken stands here
          for 30.
        </Empty>
      ) : (
        <>
          <Items label="Notices that were given up">
            {dead.slice(0, shown).map((notice) => (
              <Dead
                key={notice.leaf_index}
                notice={notice}
                onAgain={mayTell ? () => replay.mutate(notice.leaf_index) : undefined}
                isPending={replay.isPending && replay.variables === notice.leaf_index}
              />
            ))}
          </Items>
          {dead.length <= shown ? null : (
            <Button kind="quiet" onPress={() => setShown(shown + PAGE)}>
              Show more
            </Button>
          )}
        </>
      )}
    </Section>
  );
}

type DeadProps = {
  readonly notice: WebhookDead;
  readonly onAgain: (() => void) | undefined;
  readonly isPending: boolean;
};

const Dead = ({ notice, onAgain, isPending }: DeadProps) => (
  <Item
    title={<span>{eventWords(notice.type)}</span>}
    actions={
      onAgain === undefined ? null : (
        <Button
          size="small"
          aria-label={`Try again: ${eventWords(notice.type)}, entry ${notice.leaf_index}`}
          isPending={isPending}
          onPress={onAgain}
        >
          Try again
        </Button>
      )
    }
  >
    <Soft>
      <Shown text={troubleWords(notice.trouble)} />
    </Soft>
    <Soft>
      <About subject={notice.subject} /> · <When at={notice.made_at} /> · tried{' '}
      {counted(notice.attempts, 'time')} ·{' '}
      <Link to="/audit/$event" params={{ event: notice.event_id }}>
        its entry
      </Link>
    </Soft>
  </Item>
);

const About = ({ subject }: { readonly subject: string }) =>
  subject.startsWith('req_') ? (
    <Link to="/requests/$id" params={{ id: subject }}>
      {subject}
    </Link>
  ) : (
    <Shown text={subject} mono />
  );
