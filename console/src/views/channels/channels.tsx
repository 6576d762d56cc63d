/** Channels: where reviewers are reached, and whether that works. It must never show a switch for what is not there. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { peopleQuery } from '../../data/directory.ts';
import { useLine } from '../../data/live.tsx';
import { useMe } from '../../data/me.ts';
import { Command } from '../../kit/data/copy.tsx';
import { Item, Items } from '../../kit/data/items.tsx';
import { Section, Soft, View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { counted } from '../../words/size.ts';
import { mayOversee } from './may.ts';
import { Services } from './services.tsx';
import { Told } from './told/told.tsx';

export function ChannelsView() {
  const { data: people } = useSuspenseQuery(peopleQuery);
  const me = useMe();
  const reviewers = people.filter(({ active, roles }) => active && roles.includes('reviewer')).length;
  return (
    <View
      title="Channels"
      about="Where reviewers see what waits for them, and answer it. Who may answer is decided in one place, whichever way an answer comes."
      width="reading"
    >
      <Section title="Always there" aside={`${counted(reviewers, 'active reviewer')}`}>
        <Items label="Channels there are">
          <Item title="This console" mark={<LineMark />}>
            <Soft>
              Requests show here the moment they are opened; answers are signed with a passkey where a rule
              asks for one. <Link to="/">Inbox</Link>
            </Soft>
          </Item>
          <Item title="Command line" mark={<Ready />}>
            <Soft>Shows what waits as it comes, and answers it. It cannot sign with a passkey.</Soft>
            <Command text={`countersign login --url ${location.origin}\ncountersign requests watch`} />
          </Item>
          <Item title="HTTP API" mark={<Ready />}>
            <Soft>
              Everything the console does, and server-sent events at <code>/api/events</code>, with a person’s
              own session. <a href="/openapi.json">The description (OpenAPI)</a>
            </Soft>
          </Item>
        </Items>
      </Section>
      {mayOversee(me) ? (
        <>
          <Services />
          <Told />
        </>
      ) : (
        <Section title="Chat and mail">
          <Soft>
            Operators and auditors see here which services requests are shown in, which systems are told what
            happens, and whether that works.
          </Soft>
        </Section>
      )}
    </View>
  );
}

const Ready = () => (
  <Mark tone="green" shape="tick">
    Ready
  </Mark>
);

function LineMark() {
  const line = useLine();
  return line === 'live' ? (
    <Mark tone="green" shape="tick">
      Live
    </Mark>
  ) : (
    <Mark tone="amber" shape="half">
      Connecting
    </Mark>
  );
}
