/**
 * What it would change, as a read of the same upstream showed it. Information, said to be of a moment: it is no part of
 * what is approved. What the upstream answered is untrusted, and drawn like everything from elsewhere (A1–A3).
 */
import type { Preview, PreviewShown, RequestDetail } from '@countersign/sdk';
import { type ReactNode, useState } from 'react';
import { useChange } from '../../../data/change.ts';
import { gate } from '../../../data/gate.ts';
import { Button } from '../../../kit/button.tsx';
import { Section } from '../../../kit/layout.tsx';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { useNow } from '../../../kit/time.tsx';
import { exactTime, secondTime } from '../../../words/time.ts';
import { Clamped } from './clamped.tsx';
import { DiffRows } from './diff-rows.tsx';
import { folded, linesIn, patchLines } from './folded.ts';
import styles from './preview.module.css';
import { headline, hiddenWords } from './words.ts';

export function PreviewSection({ detail }: { readonly detail: RequestDetail }) {
  const { preview } = detail;
  // Room that was kept for it stays, so that nothing below it moves when it comes.
  const [room] = useState(preview?.state === 'making' ? preview.show : undefined);
  if (preview === undefined) return null;
  return (
    <Section title={titleOf(detail)} id="change" aside={<Aside detail={detail} preview={preview} />}>
      <div className={styles['preview']} data-room={room} aria-live="polite">
        <Body preview={preview} pending={detail.status === 'pending'} />
      </div>
    </Section>
  );
}

/** What was seen before the decision is told as that afterwards: what the run did is another section’s to say. */
function titleOf({ status }: RequestDetail): string {
  if (status === 'pending') return 'What would change';
  return status === 'approved' ? 'What was foreseen' : 'What it would have changed';
}

function Aside({ detail, preview }: { readonly detail: RequestDetail; readonly preview: Preview }) {
  const again = useChange({
    run: () => gate.requests.preview(detail.id),
    stale: [['requests', 'one', detail.id]],
  });
  const now = useNow();
  return (
    <span className={styles['aside']}>
      {preview.state === 'shown' ? (
        <time dateTime={new Date(preview.at).toISOString()} title={exactTime(preview.at)}>
          as of {secondTime(preview.at, now)}
        </time>
      ) : (
        // Keeps the line as high as it will be.
        <span aria-hidden="true">&nbsp;</span>
      )}
      {preview.again ? (
        <Button kind="quiet" size="small" isPending={again.isPending} onPress={() => again.mutate()}>
          Look again
        </Button>
      ) : null}
    </span>
  );
}

function Body({ preview, pending }: { readonly preview: Preview; readonly pending: boolean }): ReactNode {
  switch (preview.state) {
    case 'making':
      return <p className={styles['soft']}>Looking at what is there now …</p>;
    case 'none':
      return (
        <>
          <p className={styles['soft']}>No preview: {preview.why}.</p>
          {preview.said === undefined ? null : (
            <blockquote className={styles['said']}>
              <Shown text={preview.said} />
            </blockquote>
          )}
        </>
      );
    case 'shown':
      return <What preview={preview} pending={pending} />;
  }
}

function What({ preview, pending }: { readonly preview: PreviewShown; readonly pending: boolean }) {
  const hidden = hiddenWords(preview);
  return (
    <>
      {preview.dry_run ? (
        <Note tone="amber">
          <p>
            A dry run: <Shown text={preview.tool} /> itself was called and told not to act. That it did not is
            the upstream’s word.
          </p>
        </Note>
      ) : null}
      <p className={styles['headline']}>{headline(preview)}</p>
      <Drawn preview={preview} />
      <p className={styles['soft']}>
        {hidden === undefined ? null : `${hidden} `}Read with <Shown text={preview.tool} />
        {preview.by === undefined ? '' : ' for '}
        {preview.by === undefined ? null : <Shown text={preview.by} />}.{' '}
        {pending ? 'It may change before this runs, and nothing is read again then.' : ''}
      </p>
    </>
  );
}

/** An empty difference has nothing to draw. */
function Drawn({ preview }: { readonly preview: PreviewShown }) {
  switch (preview.show) {
    case 'diff': {
      if (preview.added + preview.removed === 0) return null;
      const total = linesIn(preview.before).length + preview.added;
      return (
        <Clamped key={preview.id} total={total}>
          <DiffRows pieces={folded(preview.before, preview.after)} />
        </Clamped>
      );
    }
    case 'patch': {
      const lines = patchLines(preview.text);
      return (
        <Clamped key={preview.id} total={lines.length}>
          <DiffRows pieces={[{ kind: 'lines', lines }]} />
        </Clamped>
      );
    }
    case 'text': {
      const lines = linesIn(preview.text).map((text) => ({ sign: ' ', text }) as const);
      return (
        <Clamped key={preview.id} total={lines.length}>
          <DiffRows pieces={[{ kind: 'lines', lines }]} plain />
        </Clamped>
      );
    }
  }
}
