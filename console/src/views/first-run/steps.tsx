/** What each step says: what is there already, else exactly what to type. */
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Command } from '../../kit/data/copy.tsx';
import { Soft } from '../../kit/layout.tsx';
import { Marked, Shown } from '../../kit/shown.tsx';
import { Connect } from '../connecting/connect.tsx';
import { waits } from '../upstreams/words.tsx';
import type { Found, Step } from './done.ts';

type Props = { readonly found: Found; readonly done: boolean };

export const TITLES: { readonly [S in Step]: string } = {
  operator: 'An operator runs it',
  reviewer: 'Somebody else reviews',
  upstream: 'A system to act on',
  agent: 'An agent with a key',
  connect: 'The agent connects',
  tools: 'Its tools are accepted',
  held: 'A first action is held',
};

const names = (of: readonly string[]): ReactNode => <Shown text={of.join(', ')} />;

const Operator = ({ found: { operators } }: Props) => (
  <p>
    {operators.operators.length === 0 ? (
      <>
        Nobody has the role <code>operator</code>. Give it to yourself in <code>countersign.yaml</code>, under{' '}
        <code>people</code>.
      </>
    ) : (
      <>
        Operators: {names(operators.operators)}. A change of what decides takes{' '}
        {operators.needed === 2 ? 'two of them' : 'one of them'}. <Link to="/people">People</Link>
      </>
    )}
  </p>
);

const Reviewer = ({ found: { people }, done }: Props) => (
  <>
    <p>
      Nobody reviews what they are responsible for: whoever owns the agent needs somebody else to say yes.{' '}
      {done ? (
        <>
          Reviewers: {names(people.filter(({ roles }) => roles.includes('reviewer')).map(({ name }) => name))}
          .
        </>
      ) : null}
    </p>
    {done ? null : (
      <>
        <Soft>
          Below <code>people:</code> in <code>countersign.yaml</code>
        </Soft>
        <Command text="  bob: { name: Bob, roles: [reviewer] }" what="line" />
        <Soft>Then write them a link, on the gateway’s host, and hand it over</Soft>
        <Command text="countersign reviewers link bob" />
      </>
    )}
  </>
);

const FILES = `  files:
    env: dev
    mcp:
      command: [node_modules/.bin/mcp-server-filesystem, ./shared]
      env: { PATH: env:PATH }`;

const Upstream = ({ found: { upstreams }, done }: Props) =>
  done ? (
    <p>
      There: {names(upstreams.map(({ name }) => name))}. <Link to="/upstreams">Upstreams</Link>
    </p>
  ) : (
    <>
      <p>
        To try it, a file server that comes along, shut into one folder. Below <code>upstreams:</code> in{' '}
        <code>countersign.yaml</code>
      </p>
      <Command text={FILES} what="lines" />
      <Soft>Make the folder, then start the gateway again: upstreams are read at the start</Soft>
      <Command text={'mkdir -p shared\ncountersign check\ncountersign serve'} />
      <Soft>
        One reached over HTTP is{' '}
        <code>{'github: { env: prod, mcp: { url: https://…, bearer: env:TOKEN } }'}</code>.
      </Soft>
    </>
  );

const Agent = ({ found: { agents }, done }: Props) =>
  done ? (
    <p>
      There: {names(agents.map(({ id }) => id))}. A key is shown once, when it is made; to connect another
      program, <Link to="/agents/new-key">make another</Link>.
    </p>
  ) : (
    <>
      <p>
        <Link to="/agents/new-key">Make a key here</Link>: it gives you the lines for the configuration. Or in
        a terminal:
      </p>
      <Command text="countersign agents new-key coder" />
    </>
  );

const Connecting = ({ done }: Props) => (
  <>
    <p>
      {done
        ? 'The gateway has seen a call. This is how another program is connected:'
        : 'Point the program at the gateway instead of at the system. This page notices the first call.'}
    </p>
    <Connect />
  </>
);

const Tools = ({ found: { tools }, done }: Props) => {
  const [first] = tools.filter(waits);
  return (
    <>
      <p>
        When the agent connects, the gateway reads what tools there are, and offers it none until an operator
        has accepted them: so nothing can change what it is unseen.
      </p>
      {first === undefined ? (
        <Soft>{done ? 'None waits.' : 'They show here once the agent has connected.'}</Soft>
      ) : (
        <p>
          <Link to="/upstreams/$upstream/$tool" params={first}>
            Read <Shown text={first.tool} mono />
          </Link>{' '}
          {tools.filter(waits).length > 1 ? `and ${tools.filter(waits).length - 1} more` : ''}, and say what
          they do.
        </p>
      )}
    </>
  );
};

const Held = ({ found: { held }, done }: Props) => {
  const [call] = held;
  if (done && call !== undefined)
    return (
      <p>
        <Marked text={call.sentence} />.{' '}
        {call.request_id === undefined ? null : (
          <Link to="/requests/$id" params={{ id: call.request_id }}>
            Open it
          </Link>
        )}
      </p>
    );
  return (
    <>
      <p>
        Let the agent do something that changes a thing. With the starter policy everything but reading waits
        for a reviewer. With the file server, say to it:
      </p>
      <Command text="Write the word hello into a file called hello.txt." what="sentence" />
      <Soft>
        It then shows in the <Link to="/">inbox</Link> of every reviewer but the agent’s owner.
      </Soft>
    </>
  );
};

export const CONTENTS: { readonly [S in Step]: (props: Props) => ReactNode } = {
  operator: Operator,
  reviewer: Reviewer,
  upstream: Upstream,
  agent: Agent,
  connect: Connecting,
  tools: Tools,
  held: Held,
};
