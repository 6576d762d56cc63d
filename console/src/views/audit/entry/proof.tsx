/** Whether one entry is in the log, as this browser found out: each check, what it rests on, and what nobody has shown. */
import { RECEIPT_FINDINGS, type ReceiptFinding } from '@countersign/core';
import type { LogEntryDetail } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { cache, wordsOf } from '../../../data/gate.ts';
import { canVerify, type LogState, logStateQuery, proofQuery } from '../../../data/log/state.ts';
import type { EntryCheck } from '../../../data/log/verify.ts';
import { Button } from '../../../kit/button.tsx';
import { Section, Stack } from '../../../kit/layout.tsx';
import { Mark, type Shape, type Tone } from '../../../kit/mark.tsx';
import { Note, Problem } from '../../../kit/said.tsx';
import { count, counted } from '../../../words/size.ts';
import { exactTime } from '../../../words/time.ts';
import { Alarm } from '../state-line.tsx';
import { verdictOf } from '../verdict.ts';
import styles from './entry.module.css';
import { Take } from './take.tsx';

/** The answer, above everything the entry says. */
export function ProofLine({ entry }: { readonly entry: LogEntryDetail }) {
  const found = useProof(entry);
  switch (found.kind) {
    case 'cannot':
      return (
        <Note tone="violet" title="Not checked">
          <p>
            Browsers give pages their cryptography over https and on this machine only. Open the console over
            https, or check the log offline.
          </p>
        </Note>
      );
    case 'unread':
      return <Problem title="The log’s files could not be read" detail={found.why} onAgain={found.onAgain} />;
    case 'waiting':
      return (
        <div className={styles['verdict']} role="status">
          <p className={styles['lead']}>Checking that it is in the log …</p>
          <p>From the log’s public files, in this browser.</p>
        </div>
      );
    case 'checked': {
      const whole = verdictOf(found.state);
      return (
        <Stack>
          {whole.kind === 'alarm' ? <Alarm verdict={whole} /> : null}
          <Outcome check={found.check} alarmed={whole.kind === 'alarm'} onAgain={found.onAgain} />
        </Stack>
      );
    }
  }
}

/** Each check, what nobody has shown, and what to take along. */
export function ProofDetails({ entry }: { readonly entry: LogEntryDetail }) {
  const found = useProof(entry);
  if (found.kind !== 'checked') return null;
  const { state, check } = found;
  return (
    <>
      <div className={styles['halves']}>
        <Section title="Established in this browser">
          <Lined lines={established(state, check)} />
        </Section>
        <Section title="Not established">
          <Lined lines={notEstablished(state, check)} />
        </Section>
      </div>
      <Take entry={entry} state={state} check={check} />
    </>
  );
}

const Lined = ({ lines }: { readonly lines: readonly Line[] }) => (
  <ul className={styles['checks']}>
    {lines.map(({ id, tone, shape, says }) => (
      <li key={id}>
        <Mark tone={tone} shape={shape}>
          <span className={styles['says']}>{says}</span>
        </Mark>
      </li>
    ))}
  </ul>
);

type Found =
  | { readonly kind: 'cannot' | 'waiting' }
  | { readonly kind: 'unread'; readonly why: string; readonly onAgain: () => void }
  | {
      readonly kind: 'checked';
      readonly state: LogState;
      readonly check: EntryCheck;
      readonly onAgain: () => void;
    };

function useProof(entry: LogEntryDetail): Found {
  const look = useQuery({ ...logStateQuery, enabled: canVerify() });
  const { data: check } = useQuery(proofQuery(entry, look.data));
  const onAgain = (): void => void cache.invalidateQueries({ queryKey: ['log'] });
  if (!canVerify()) return { kind: 'cannot' };
  if (look.error !== null) return { kind: 'unread', why: wordsOf(look.error), onAgain };
  if (look.data === undefined || check === undefined) return { kind: 'waiting' };
  return { kind: 'checked', state: look.data, check, onAgain };
}

type OutcomeProps = { readonly check: EntryCheck; readonly alarmed: boolean; readonly onAgain: () => void };
function Outcome({ check, alarmed, onAgain }: OutcomeProps) {
  if (check.status === 'not-yet')
    return (
      <Note
        tone="amber"
        title="Not sealed yet"
        action={
          <Button size="small" onPress={onAgain}>
            Check again
          </Button>
        }
      >
        <p>
          No checkpoint covers this entry. One is signed within seconds; if it stays so, the gateway is not
          sealing its log.
        </p>
      </Note>
    );
  if (check.status === 'failed')
    return (
      <Note tone="red" title="This entry does not hold" live="alert">
        <p>{capital(check.why)}. Do not rely on what stands below.</p>
      </Note>
    );
  return alarmed ? (
    <Note tone="amber" title="The entry is in this log, but the log itself does not hold" />
  ) : (
    <div className={styles['verdict']}>
      <p className={styles['lead']}>
        <Mark tone="green" shape="tick">
          In the log, signed and unchanged
        </Mark>
      </p>
      <p>Checked in this browser, from the log’s public files. The gateway’s word counted for nothing.</p>
    </div>
  );
}

type Line = { readonly id: string; readonly tone: Tone; readonly shape: Shape; readonly says: ReactNode };
const holds = (id: string, says: ReactNode): Line => ({ id, tone: 'green', shape: 'tick', says });
const ORDER: readonly ReceiptFinding[] = [
  'entry-signed',
  'leaf-commits',
  'leaf-included',
  'tree-signed',
  'tree-witnessed',
];

function established(state: LogState, check: EntryCheck): readonly Line[] {
  const found = check.status === 'not-yet' ? [] : check.established;
  const size = state.head.ok ? state.head.head.checkpoint.size : 0;
  const lines = ORDER.filter((finding) => found.includes(finding)).map((finding) =>
    holds(finding, findingSays(finding, check, size)),
  );
  if (check.status === 'failed')
    lines.push({ id: 'failed', tone: 'red', shape: 'cross', says: `${capital(check.why)}.` });
  if (state.past.kind === 'continues')
    lines.push(
      holds(
        'continues',
        `The log still holds, first and unchanged, the ${counted(state.past.from, 'entry', 'entries')} this browser saw ${state.kept?.note_at === undefined ? 'before' : `on ${exactTime(state.kept.note_at)}`}.`,
      ),
    );
  if (state.trust.from === 'pinned')
    lines.push(
      holds(
        'pinned',
        `The log’s key is the one somebody pinned in this browser on ${exactTime(state.trust.since ?? 0)}.`,
      ),
    );
  return lines;
}

function findingSays(finding: ReceiptFinding, check: EntryCheck, size: number): string {
  if (finding === 'entry-signed')
    return 'The statement is signed by a key that the log’s own key vouches for.';
  const said = capital(RECEIPT_FINDINGS[finding]);
  if (finding === 'leaf-included' && check.status === 'verified')
    return `${said}: ${counted(check.hashes, 'hash', 'hashes')} beside it lead to the root over ${count(size)}.`;
  return `${said}.`;
}

const open = (id: string, says: ReactNode): Line => ({ id, tone: 'soft', shape: 'dash', says });

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function notEstablished(state: LogState, check: EntryCheck): readonly Line[] {
  const lines: Line[] = [];
  if (state.trust.from !== 'pinned')
    lines.push(
      open(
        'key',
        <>
          That the key is the log’s own: it came from this gateway. Compare it with the one the operator gave
          you, and <Link to="/audit/checkpoint">pin it</Link>.
        </>,
      ),
    );
  if (state.past.kind === 'first-visit')
    lines.push(
      open(
        'past',
        'That nothing was rewritten before today: this browser had no earlier checkpoint. It keeps this one from now on.',
      ),
    );
  if (check.status !== 'verified' || !check.established.includes('tree-witnessed'))
    lines.push(
      open(
        'witness',
        'That others are shown the same log: no witness trusted here has cosigned this checkpoint.',
      ),
    );
  lines.push(
    open(
      'clear',
      'What arguments, results and reasons were: the log holds commitments to them. And that nothing was done around the gateway.',
    ),
  );
  return lines;
}
