/**
 * A glass that was broken: by whom and why, who was told, and the review afterwards, which somebody else closes. Red
 * wherever it is seen, and never in the words of an approval.
 */
import { NO_JUDGE } from '@countersign/core';
import type { BrokenGlass, RequestDetail } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { useChange } from '../../../data/change.ts';
import { gate } from '../../../data/gate.ts';
import { glassQuery } from '../../../data/glass.ts';
import { Button } from '../../../kit/button.tsx';
import { Facts, Section } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { counted } from '../../../words/size.ts';
import styles from './glass.module.css';
import { Judge } from './judge.tsx';

const VERDICTS = {
  justified: { tone: 'green', shape: 'tick', word: 'Justified' },
  not_justified: { tone: 'red', shape: 'cross', word: 'Not justified' },
} as const;

export function GlassSection({ detail: { broken_glass } }: { readonly detail: RequestDetail }) {
  if (broken_glass === undefined) return null;
  return <Glass id={broken_glass.id} />;
}

function Glass({ id }: { readonly id: string }) {
  const { data: glass } = useQuery(glassQuery(id));
  if (glass === undefined) return null;
  const { broken_by_name, broken_at, reason, told, told_total } = glass;
  const heard = told.filter(({ acknowledged_at }) => acknowledged_at !== undefined).length;
  return (
    <Section title="The glass was broken">
      <div className={styles['glass']}>
        <Facts
          rows={[
            [
              'By',
              <span key="by">
                <Shown text={broken_by_name} />, <When at={broken_at} />
              </span>,
            ],
            ['Because', reason === undefined ? 'erased' : <Shown key="why" text={reason} />],
            ['Told', `${counted(told_total, 'person', 'people')}, of whom ${heard} acknowledged it`],
            ['Review afterwards', <Review key="review" glass={glass} />],
          ]}
        />
        <Acknowledge glass={glass} />
      </div>
      <Closing glass={glass} />
    </Section>
  );
}

function Review({ glass: { closed } }: { readonly glass: BrokenGlass }) {
  if (closed === undefined)
    return (
      <Mark tone="amber" shape="half">
        Open until somebody else closes it
      </Mark>
    );
  const { tone, shape, word } = VERDICTS[closed.verdict];
  return (
    <>
      <Mark tone={tone} shape={shape}>
        {word}
      </Mark>{' '}
      by <Shown text={closed.by_name} />, <When at={closed.at} />
      {closed.note === undefined ? null : (
        <blockquote className={styles['note']}>
          <Shown text={closed.note} />
        </blockquote>
      )}
    </>
  );
}

function Acknowledge({ glass: { id, you } }: { readonly glass: BrokenGlass }) {
  const change = useChange({
    run: () => gate.breakGlass.acknowledge(id),
    stale: [['break-glass']],
    said: () => 'Acknowledged: it is on the record that you know.',
  });
  if (!you.told || you.acknowledged_at !== undefined) return null;
  return (
    <Button size="small" isPending={change.isPending} onPress={() => change.mutate()}>
      I have seen this
    </Button>
  );
}

function Closing({ glass: { id, closed, you, approval } }: { readonly glass: BrokenGlass }) {
  if (closed !== undefined) return null;
  if (approval.status === 'active')
    return (
      <p className={styles['soft']}>
        It can still run. The review is closed once it has run, was revoked, or ran out.
      </p>
    );
  if (you.may_close.eligible) return <Judge id={id} />;
  return <p className={styles['soft']}>You may not close this: {NO_JUDGE[you.may_close.why]}.</p>;
}
