/** Accepting a definition as shown, with what the operator says it does; or leaving it, which takes nothing. */
import type { ToolClass, ToolDiff } from '@countersign/sdk';
import { useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { gate, wordsOf } from '../../../data/gate.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { Radios } from '../../../kit/form/radios.tsx';
import { Row, Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Problem } from '../../../kit/said.tsx';
import { Held, TakesHowMany, useWaitingChange } from '../../operating/waiting-change.tsx';
import { CLASSES } from '../words.tsx';

export function Accept({ diff }: { readonly diff: ToolDiff }) {
  const me = useMe();
  if (!hasRole(me, 'operator'))
    return (
      <Section title="Accepting it">
        <Soft>An operator accepts it, or leaves it as it is. Agents do not see it meanwhile.</Soft>
      </Section>
    );
  return <Choose key={diff.pin} diff={diff} />;
}

function Choose({ diff: { upstream, tool, pin, status } }: { readonly diff: ToolDiff }) {
  const [as, setAs] = useState<ToolClass>();
  const waiting = useWaitingChange({ action: 'countersign.tools.accept', resource: `${upstream}/${tool}` });
  const accept = useChange({
    run: (chosen: ToolClass) => gate.tools.accept(upstream, tool, { pin, class: chosen }),
    stale: [['tools'], ['upstreams'], ['requests']],
    said: (held) => (held === undefined ? 'Accepted: agents are offered it from now on.' : undefined),
    shows_refusal: true,
  });
  return (
    <Section title={status === 'drifted' ? 'Accept the new definition?' : 'Accept it?'}>
      <Stack>
        <Radios label="What it does, by what you read" choices={CLASSES} value={as} onChange={setAs} />
        {accept.isError ? <Problem title="Not accepted" detail={wordsOf(accept.error)} /> : null}
        {accept.data === undefined ? null : <Held change={accept.data} />}
        <Row>
          <Button
            kind="primary"
            isDisabled={as === undefined || waiting !== undefined}
            isPending={accept.isPending}
            onPress={() => {
              if (as !== undefined) accept.mutate(as);
            }}
          >
            {status === 'drifted' ? 'Accept the new definition' : 'Accept it'}
          </Button>
          {as === undefined ? <Soft>Say what it does first.</Soft> : null}
          {waiting === undefined ? null : <Soft>It is asked already.</Soft>}
        </Row>
        <TakesHowMany />
        <Soft>To refuse it, leave it: agents are not offered it, and a call of it is refused.</Soft>
      </Stack>
    </Section>
  );
}
