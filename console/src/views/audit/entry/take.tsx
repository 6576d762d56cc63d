/** What somebody takes along from an entry, and the commands that check it elsewhere. */
import type { LogEntryDetail } from '@countersign/sdk';
import type { LogState } from '../../../data/log/state.ts';
import type { EntryCheck } from '../../../data/log/verify.ts';
import { Button } from '../../../kit/button.tsx';
import { Command } from '../../../kit/data/copy.tsx';
import { Lines, pretty } from '../../../kit/data/lines.tsx';
import { saveFile } from '../../../kit/data/save.ts';
import { Row, Section, Stack } from '../../../kit/layout.tsx';
import styles from './entry.module.css';

type TakeProps = {
  readonly entry: LogEntryDetail;
  readonly state: LogState;
  readonly check: EntryCheck;
};

export function Take({ entry, state, check }: TakeProps) {
  const { event_id } = entry;
  return (
    <Section title="Take it with you">
      <Stack>
        <Row>
          <Button
            isDisabled={check.status !== 'verified'}
            onPress={() => {
              if (check.status === 'verified')
                saveFile(`receipt-${event_id}.json`, `${pretty(check.receipt)}\n`);
            }}
          >
            Save the receipt
          </Button>
          <Button onPress={() => saveFile(`entry-${event_id}.json`, `${pretty(entry)}\n`)}>
            Save the entry
          </Button>
          {state.head.ok ? <SaveKeys note={state.head.head.entryKeysNote} /> : null}
          <Button onPress={() => saveFile('log.vkey', `${state.trust.key}\n`)}>Save the log’s key</Button>
        </Row>
        <p>
          The receipt is a Sigstore bundle: the signed statement, its proof and the checkpoint. Anything that
          reads those checks it without this gateway; ours does too, with the list of entry keys beside it:
        </p>
        <Command
          text={`countersign log check receipt-${event_id}.json --key log.vkey --entry-keys entry-keys`}
        />
        <p>And this proves the entry anew, from the log’s files:</p>
        <Command text={`countersign log prove ${event_id} --log ${location.origin}/log/ --key log.vkey`} />
        {check.status === 'verified' ? (
          <details className={styles['more']}>
            <summary>The leaf, as computed here</summary>
            <Lines label="The leaf" text={check.leaf} wrap />
          </details>
        ) : null}
      </Stack>
    </Section>
  );
}

/** Signed by the log's own key. */
const SaveKeys = ({ note }: { readonly note: string }) => (
  <Button onPress={() => saveFile('entry-keys', note)}>Save the entry keys</Button>
);
