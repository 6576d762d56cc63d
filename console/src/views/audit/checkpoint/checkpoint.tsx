/** The newest checkpoint, whose key it stands on, and what this browser keeps of it: the root of every check here. */
import { encodeHex } from '@countersign/core';
import { useQuery } from '@tanstack/react-query';
import { wordsOf } from '../../../data/gate.ts';
import { canVerify, type LogState, logStateQuery } from '../../../data/log/state.ts';
import { Button } from '../../../kit/button.tsx';
import { Command, Id } from '../../../kit/data/copy.tsx';
import { Lines } from '../../../kit/data/lines.tsx';
import { saveFile } from '../../../kit/data/save.ts';
import { Facts, Row, Section, Soft, Stack, View } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Problem, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly } from '../../../kit/time.tsx';
import { count, counted } from '../../../words/size.ts';
import { Alarm, StateLine } from '../state-line.tsx';
import { AuditTabs } from '../tabs.tsx';
import { verdictOf } from '../verdict.ts';
import { Earlier } from './earlier.tsx';
import { PinnedKey } from './keys.tsx';
import { Witnesses } from './witnesses.tsx';

export function CheckpointView() {
  const { data: state, error, refetch } = useQuery({ ...logStateQuery, enabled: canVerify() });
  return (
    <View
      title="Audit log"
      about="Everything that was asked, decided, changed and run: signed, in order, never taken out."
    >
      <AuditTabs />
      {!canVerify() ? (
        <StateLine />
      ) : error !== null ? (
        <Problem
          title="The log’s files could not be read"
          detail={wordsOf(error)}
          onAgain={() => void refetch()}
        />
      ) : state === undefined ? (
        <Waiting what="Checking the newest checkpoint" />
      ) : (
        <State state={state} />
      )}
    </View>
  );
}

function State({ state }: { readonly state: LogState }) {
  const verdict = verdictOf(state);
  return (
    <>
      {verdict.kind === 'alarm' ? <Alarm verdict={verdict} /> : null}
      <Newest state={state} />
      <PinnedKey state={state} />
      <Witnesses state={state} />
      <KeptHere state={state} />
      <Earlier state={state} />
      <Offline state={state} />
    </>
  );
}

function Newest({ state: { head } }: { readonly state: LogState }) {
  if (!head.ok)
    return (
      <Section title="The newest checkpoint">
        <Mark tone="red" shape="cross">
          It does not hold: <Shown text={head.why} />
        </Mark>
      </Section>
    );
  const { checkpoint, note } = head.head;
  return (
    <Section title="The newest checkpoint" aside="Looked at again every 15 seconds">
      <Stack>
        <Facts
          rows={[
            ['Entries', count(checkpoint.size)],
            ['Root', <Id key="root" text={encodeHex(checkpoint.root)} />],
            ['Origin', <Shown key="origin" text={checkpoint.origin} />],
            [
              'Signature',
              <Mark key="signed" tone="green" shape="tick">
                Holds, by the key below
              </Mark>,
            ],
            [
              'When',
              <Soft key="when">A checkpoint says no time of its own; a witness’s cosignature would.</Soft>,
            ],
          ]}
        />
        <Lines label="The signed note" text={note.trimEnd()} wrap />
      </Stack>
    </Section>
  );
}

/** What the next look is compared with. */
function KeptHere({ state: { kept, past } }: { readonly state: LogState }) {
  return (
    <Section title="Kept in this browser">
      {kept?.note === undefined ? (
        <p>
          Nothing until now. From this visit on, the newest checkpoint that holds is kept and compared with.
        </p>
      ) : (
        <Stack>
          <Facts
            rows={[
              ['Checkpoint', counted(kept.note_size ?? 0, 'entry', 'entries')],
              ['Seen', kept.note_at === undefined ? undefined : <Exactly key="seen" at={kept.note_at} />],
              [
                'Compared',
                past.kind === 'continues' ? (
                  <Mark key="past" tone="green" shape="tick">
                    The log still begins with exactly these entries
                  </Mark>
                ) : (
                  <Mark key="past" tone="red" shape="cross">
                    The log does not continue it
                  </Mark>
                ),
              ],
            ]}
          />
          <Row>
            <Button onPress={() => saveFile('kept-checkpoint', kept.note ?? '')}>
              Save the kept checkpoint
            </Button>
          </Row>
        </Stack>
      )}
    </Section>
  );
}

function Offline({ state }: { readonly state: LogState }) {
  return (
    <Section title="Without this page">
      <Stack>
        <p>
          The whole log, checked on a machine of your own: every entry’s signature, the order, the tree, and
          whether what ran had been approved. It says what it established and what it did not.
        </p>
        <Command
          text={`countersign log verify ${location.origin}/log/ --key '${state.trust.key}' --older kept-checkpoint`}
        />
      </Stack>
    </Section>
  );
}
