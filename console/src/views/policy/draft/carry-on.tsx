/** What to do with a draft that differs: take it to the files as a patch, or propose it where the store keeps the policy. */
import type { PolicyFiles, PolicyPatch } from '@countersign/sdk';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { gate, wordsOf } from '../../../data/gate.ts';
import { hasRole, useMe } from '../../../data/me.ts';
import { Button } from '../../../kit/button.tsx';
import { Command } from '../../../kit/data/copy.tsx';
import { saveFile } from '../../../kit/data/save.ts';
import { Row, Soft } from '../../../kit/layout.tsx';
import { Note, Problem } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import type { Draft } from './kept.ts';

export type CarryOnProps = {
  readonly draft: Draft;
  readonly inForce: PolicyFiles;
  /** It loads, and its tests pass. */
  readonly good: boolean;
};

export function CarryOn({ draft, inForce, good }: CarryOnProps) {
  const me = useMe();
  if (!draft.changed) return null;
  return (
    <>
      <Row>
        <Link to="/policy/tried">See what it would change</Link>
      </Row>
      {inForce.source === 'store' ? (
        hasRole(me, 'operator') ? (
          <Propose draft={draft} base={inForce.digest} good={good} />
        ) : null
      ) : (
        <Export draft={draft} />
      )}
    </>
  );
}

const filesOf = ({ files }: Draft) => files.map(({ path, text }) => ({ path, text }));

const PATCH = 'policy.patch';

function Export({ draft }: { readonly draft: Draft }) {
  const [made, setMade] = useState<PolicyPatch>();
  const { mutate, error, isPending } = useChange({
    run: () => gate.policy.patch({ files: filesOf(draft) }),
    stale: [],
    shows_refusal: true,
    onDone: (patch) => {
      setMade(patch);
      saveFile(PATCH, patch.patch);
    },
  });
  return (
    <>
      <Row>
        <Button kind="primary" isPending={isPending} onPress={() => mutate()}>
          Export as a patch
        </Button>
        <Soft>The policy is in files: what changes them is a patch for their repository.</Soft>
      </Row>
      {error === null ? null : <Problem title="No patch was made" detail={wordsOf(error)} />}
      {made === undefined ? null : (
        <Note tone="plain" title="Where the files are, run">
          <Command text={`git apply ${PATCH}`} />
          <Soft>
            Paths in it are below <Shown text={made.folder} mono />.
          </Soft>
        </Note>
      )}
    </>
  );
}

type ProposeProps = { readonly draft: Draft; readonly base: string; readonly good: boolean };

function Propose({ draft, base, good }: ProposeProps) {
  const [held, setHeld] = useState<string>();
  const { mutate, error, isPending } = useChange({
    run: () => gate.policy.propose({ files: filesOf(draft), base }),
    stale: [['policy'], ['requests']],
    shows_refusal: true,
    said: (result) => ('request_id' in result ? undefined : 'It is the policy now.'),
    onDone: (result) => {
      if ('request_id' in result) setHeld(result.request_id);
      else draft.discard();
    },
  });
  return (
    <>
      <Row>
        <Button
          kind="primary"
          isDisabled={!good || draft.outdated}
          isPending={isPending}
          onPress={() => mutate()}
        >
          Propose
        </Button>
        <Soft>
          {good ? 'Others read what differs before it counts.' : 'What would not load cannot be proposed.'}
        </Soft>
      </Row>
      {error === null ? null : <Problem title="It was not proposed" detail={wordsOf(error)} />}
      {held === undefined ? null : (
        <Note tone="amber" title="Proposed: others must agree first">
          <Link to="/requests/$id" params={{ id: held }}>
            What they are shown
          </Link>
        </Note>
      )}
    </>
  );
}
