/** The services requests are shown in, whether each works, and cards that could not be shown. For operators and auditors. */
import type { ChannelStatus, DeadCard, SetAsideRequest } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useChange } from '../../data/change.ts';
import { channelQueries } from '../../data/channels.ts';
import { gate } from '../../data/gate.ts';
import { hasRole, useMe } from '../../data/me.ts';
import { Button } from '../../kit/button.tsx';
import { Item, Items } from '../../kit/data/items.tsx';
import { Section, Soft } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Empty } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';
import { counted } from '../../words/size.ts';
import { nameOf } from './names.ts';

export function Services() {
  const {
    data: { items: channels, set_aside: aside },
  } = useSuspenseQuery(channelQueries.all);
  const { data: dead } = useSuspenseQuery(channelQueries.dead);
  return (
    <>
      <Section title="Chat and mail">
        {channels.length === 0 ? (
          <Empty title="None is configured">
            Slack, Microsoft Teams and mail are set up in the configuration, under <code>channels</code>.
          </Empty>
        ) : (
          <Items label="Services requests are shown in">
            {channels.map((channel) => (
              <Service key={channel.kind} channel={channel} />
            ))}
          </Items>
        )}
      </Section>
      {aside.count === 0 ? null : (
        <Section title="No card can be made" aside={counted(aside.count, 'request')}>
          <Items label="Requests no card can be made for">
            {aside.oldest.map((request) => (
              <Aside key={request.request_id} request={request} />
            ))}
          </Items>
        </Section>
      )}
      {dead.length === 0 ? null : (
        <Section title="Could not be shown" aside={counted(dead.length, 'card')}>
          <Items label="Cards that could not be shown">
            {dead.map((card) => (
              <Dead key={card.id} card={card} />
            ))}
          </Items>
        </Section>
      )}
    </>
  );
}

function Service({ channel }: { readonly channel: ChannelStatus }) {
  const { kind, places, ok, says, since, waiting, failing } = channel;
  const me = useMe();
  const test = useChange({
    run: () => gate.channels.test(kind),
    stale: [['channels']],
    said: ({ places: to, trouble }) =>
      trouble === undefined
        ? `A test was posted to ${counted(to.length, 'place')}.`
        : `The test was not taken: ${trouble}`,
  });
  const act = hasRole(me, 'operator') ? (
    <Button size="small" isPending={test.isPending} onPress={() => test.mutate()}>
      Post a test
    </Button>
  ) : null;
  return (
    <Item title={<Shown text={nameOf(kind)} />} mark={<State ok={ok} />} actions={act}>
      <Soft>
        <Shown text={says} />
        {since === undefined ? null : (
          <>
            {' '}
            Since <When at={since} />.
          </>
        )}
      </Soft>
      <Soft>
        {places.length === 0
          ? 'No place of its own: only where routes send a request'
          : 'Places of its own: '}
        <Shown text={places.join(', ')} />
      </Soft>
      {waiting === 0 ? null : (
        <Soft>
          {counted(waiting, 'card')} on the way
          {failing === 0 ? '' : `, ${failing} tried before without success`}
        </Soft>
      )}
    </Item>
  );
}

const State = ({ ok }: { readonly ok: boolean }) =>
  ok ? (
    <Mark tone="green" shape="tick">
      Works
    </Mark>
  ) : (
    <Mark tone="red" shape="cross">
      Does not work
    </Mark>
  );

const Aside = ({ request }: { readonly request: SetAsideRequest }) => (
  <Item
    title={
      <Link to="/requests/$id" params={{ id: request.request_id }}>
        {request.request_id}
      </Link>
    }
  >
    <Soft>
      Since <When at={request.since} />, tried {counted(request.attempts, 'time')}. Why is in the gateway’s
      log; it waits in the inbox all the same.
    </Soft>
  </Item>
);

function Dead({ card }: { readonly card: DeadCard }) {
  const me = useMe();
  const replay = useChange({
    run: () => gate.channels.replay(card.id),
    stale: [['channels']],
    said: () => 'It is tried again.',
  });
  return (
    <Item
      title={
        <Link to="/requests/$id" params={{ id: card.request_id }}>
          {card.request_id}
        </Link>
      }
      actions={
        hasRole(me, 'operator') ? (
          <Button size="small" isPending={replay.isPending} onPress={() => replay.mutate()}>
            Try again
          </Button>
        ) : null
      }
    >
      <Soft>
        <Shown text={`${card.channel}:${card.place}`} mono /> · <When at={card.made_at} />
      </Soft>
      <Soft>
        <Shown text={card.trouble} />
      </Soft>
    </Item>
  );
}
