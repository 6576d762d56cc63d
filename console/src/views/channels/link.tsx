/**
 * Saying that an account in a chat service is yours. Opening the page changes nothing (A16): it shows which account asks,
 * by the name the service knows it under, and only the button links it.
 */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useChange } from '../../data/change.ts';
import { accountLinkQuery } from '../../data/channels.ts';
import { gate, wordsOf } from '../../data/gate.ts';
import { useMe } from '../../data/me.ts';
import { Button } from '../../kit/button.tsx';
import { Facts, Row, Stack, View } from '../../kit/layout.tsx';
import { Empty, Note, Problem, Waiting } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { Left } from '../../kit/time.tsx';
import { nameOf } from './names.ts';

export function LinkView() {
  const [code] = useState(() => location.hash.slice(1));
  useEffect(() => {
    // The code stays in this page alone: not in the history, not in what somebody copies from the address bar.
    if (location.hash !== '') history.replaceState(history.state, '', location.pathname);
  }, []);
  return (
    <View
      title="Link an account"
      about="From then on, what this account answers in the chat service counts as your answer here, wherever you may answer."
      width="reading"
    >
      {code === '' ? <NoLink /> : <Asked code={code} />}
    </View>
  );
}

const NoLink = () => (
  <Empty title="There is no link in this address">
    Ask for one where you are: <code>/countersign link</code> in Slack, or <code>link</code> as a message to
    the bot in Teams. A link is used up once, and gone when the page is loaded anew.
  </Empty>
);

function Asked({ code }: { readonly code: string }) {
  const me = useMe();
  const asked = useQuery(accountLinkQuery(code));
  const confirm = useChange({
    run: () => gate.channels.confirmLink(code),
    stale: [['accounts']],
    shows_refusal: true,
  });
  if (asked.isPending) return <Waiting what="Looking the link up" />;
  if (asked.isError) return <Problem title="This link is no good" detail={wordsOf(asked.error)} />;
  if (confirm.isSuccess) return <Done request={confirm.data?.request_id} />;
  const { channel, account, label, expires_at } = asked.data;
  return (
    <Stack>
      <Note tone="amber" title="Only if you asked for this yourself, a moment ago">
        <p>
          Whoever uses that account would answer in your name. If somebody sent you this link, close the page
          and tell an operator.
        </p>
      </Note>
      <Facts
        rows={[
          ['Service', <Shown key="service" text={nameOf(channel)} />],
          ['Account', <Shown key="account" text={account} mono />],
          ['Called there', <Shown key="label" text={label} />],
          ['Becomes an account of', <Shown key="me" text={`${me.name} (${me.id})`} />],
          ['Good for', <Left key="left" until={expires_at} />],
        ]}
      />
      {confirm.isError ? <Problem title="Not linked" detail={wordsOf(confirm.error)} /> : null}
      <Row>
        <Button
          kind="primary"
          size="large"
          isPending={confirm.isPending}
          isDisabled={confirm.isError}
          onPress={() => confirm.mutate()}
        >
          This account is mine
        </Button>
      </Row>
    </Stack>
  );
}

function Done({ request }: { readonly request: string | undefined }) {
  if (request === undefined)
    return (
      <Note tone="green" title="Linked" live="status">
        <p>You can answer there now.</p>
      </Note>
    );
  return (
    <Note tone="amber" title="Another operator must agree first" live="status">
      <p>
        Who is who decides who may answer, so nobody changes it alone.{' '}
        <Link to="/requests/$id" params={{ id: request }}>
          The request that waits for them
        </Link>
      </p>
    </Note>
  );
}
