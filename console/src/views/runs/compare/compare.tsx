/** Two runs side by side: what was the same, what differed, and what only one of them did. */
import type { TrailDetail, TrailStep } from '@countersign/sdk';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useEffect } from 'react';
import { wordsOf } from '../../../data/gate.ts';
import { trailQuery } from '../../../data/history/calls.ts';
import { Row, View } from '../../../kit/layout.tsx';
import { Mark, type Shape, type Tone } from '../../../kit/mark.tsx';
import { Empty, Note, Problem, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { markOfCall } from '../../../words/calls.ts';
import { counted } from '../../../words/size.ts';
import { logTime, took } from '../../../words/time.ts';
import { CallSentence } from '../../history/call/sentence.tsx';
import { readCompareSearch } from '../search.ts';
import { align, type Pair } from './align.ts';
import styles from './compare.module.css';
import { differencesOf } from './differences.ts';

const route = getRouteApi('/signed-in/runs/compare');
const WORDS: {
  readonly [K in Pair<TrailStep>['kind']]: {
    readonly word: string;
    readonly tone: Tone;
    readonly shape: Shape;
  };
} = {
  same: { word: 'Same', tone: 'soft', shape: 'tick' },
  'other-arguments': { word: 'Other arguments', tone: 'blue', shape: 'half' },
  'other-end': { word: 'Ended otherwise', tone: 'violet', shape: 'diamond' },
  'left-only': { word: 'Only the first', tone: 'ink', shape: 'dash' },
  'right-only': { word: 'Only the second', tone: 'ink', shape: 'dash' },
};

export function CompareView() {
  const { a, b } = readCompareSearch({ ...route.useSearch() });
  return a === undefined || b === undefined ? <ChooseBoth first={a ?? b} /> : <Both a={a} b={b} />;
}

const ChooseBoth = ({ first }: { readonly first: string | undefined }) => (
  <View title="Two runs side by side">
    <Empty title="This address does not say which two">
      <Link to="/runs" search={first === undefined ? {} : { first }}>
        Choose {first === undefined ? 'a run' : 'the other run'}
      </Link>
    </Empty>
  </View>
);

function Both({ a, b }: { readonly a: string; readonly b: string }) {
  const [left, right] = [useWhole(a), useWhole(b)];
  return (
    <View
      title="Two runs side by side"
      about="Laid beside each other by what was called: the identical call first, then one with the same argument names."
      actions={
        <Link to="/runs/compare" search={{ a: b, b: a }}>
          Swap sides
        </Link>
      }
    >
      {left instanceof Error || right instanceof Error ? (
        <>
          <Lost which="first" run={left} />
          <Lost which="second" run={right} />
          <Link to="/runs">Choose other runs</Link>
        </>
      ) : left === undefined || right === undefined ? (
        <Waiting what="Reading both runs" />
      ) : (
        <Sides left={left} right={right} />
      )}
    </View>
  );
}

type LostProps = { readonly which: string; readonly run: Whole | Error | undefined };

const Lost = ({ which, run }: LostProps) =>
  run instanceof Error ? <Problem title={`The ${which} run cannot be shown`} detail={wordsOf(run)} /> : null;

type Whole = { readonly trail: TrailDetail; readonly steps: readonly TrailStep[]; readonly whole: boolean };
/** A comparison of a part would say “only there” of what merely was not read yet. */
const PAGES_MAX = 8;

function useWhole(id: string): Whole | Error | undefined {
  const { data, error, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(trailQuery(id));
  const pages = data?.pages ?? [];
  const more = hasNextPage && pages.length < PAGES_MAX;
  useEffect(() => {
    if (more && !isFetchingNextPage) void fetchNextPage();
  }, [more, isFetchingNextPage, fetchNextPage]);
  const [trail] = pages;
  if (error !== null) return error;
  if (trail === undefined || more) return undefined;
  return { trail, steps: pages.flatMap((page) => page.steps), whole: !hasNextPage };
}

function Sides({ left, right }: { readonly left: Whole; readonly right: Whole }) {
  const pairs = align(left.steps, right.steps);
  const counts = new Map<string, number>();
  for (const { kind } of pairs) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return (
    <>
      {left.whole && right.whole ? null : (
        <Note tone="amber" title={`Only the first ${PAGES_MAX * 50} calls of each are compared`} />
      )}
      <Row gap="wide">
        {Object.entries(WORDS).map(([kind, { word, tone, shape }]) =>
          counts.has(kind) ? (
            <Mark key={kind} tone={tone} shape={shape}>
              {counted(counts.get(kind) ?? 0, 'call')}: {word.toLowerCase()}
            </Mark>
          ) : null,
        )}
      </Row>
      <table className={styles['table']} aria-label="Calls of both runs">
        <thead>
          <tr>
            <th scope="col">
              <Head trail={left.trail} />
            </th>
            <th scope="col" className={styles['between']}>
              <span className="sr-only">How they stand to each other</span>
            </th>
            <th scope="col">
              <Head trail={right.trail} />
            </th>
          </tr>
        </thead>
        <tbody>
          {pairs.map((pair) => (
            <PairRow
              key={`${'left' in pair ? pair.left.id : ''} ${'right' in pair ? pair.right.id : ''}`}
              pair={pair}
            />
          ))}
        </tbody>
      </table>
    </>
  );
}

const Head = ({ trail }: { readonly trail: TrailDetail }) => (
  <>
    <Link to="/runs/$trail" params={{ trail: trail.id }}>
      <Shown text={trail.agent} />, {logTime(trail.started_at)}
    </Link>
    <span className={styles['about']}>
      {counted(trail.calls, 'call')} in {took(trail.last_at - trail.started_at)}
    </span>
  </>
);

function PairRow({ pair }: { readonly pair: Pair<TrailStep> }) {
  const { word, tone, shape } = WORDS[pair.kind];
  return (
    <tr data-kind={pair.kind}>
      <td>{'left' in pair ? <Side step={pair.left} /> : <span className={styles['none']}>–</span>}</td>
      <td className={styles['between']}>
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
        {pair.kind === 'other-arguments' ? <Differing left={pair.left} right={pair.right} /> : null}
      </td>
      <td>{'right' in pair ? <Side step={pair.right} /> : <span className={styles['none']}>–</span>}</td>
    </tr>
  );
}

type DifferingProps = { readonly left: TrailStep; readonly right: TrailStep };

function Differing({ left, right }: DifferingProps) {
  const differences = differencesOf(left, right);
  if (differences === undefined) return null;
  return (
    <ul className={styles['differences']}>
      {differences.map((one) => (
        <li key={one.name}>
          <strong>
            <Shown text={one.name} />
          </strong>{' '}
          {one.kind === 'hidden' ? (
            'is hidden: not compared'
          ) : (
            <>
              <Shown text={one.left} mono /> → <Shown text={one.right} mono />
            </>
          )}
        </li>
      ))}
    </ul>
  );
}

function Side({ step }: { readonly step: TrailStep }) {
  const mark = markOfCall(step);
  return (
    <>
      <Link to="/history/$call" params={{ call: step.id }} className={styles['sentence']}>
        <CallSentence call={step} />
      </Link>
      <Mark tone={mark.tone} shape={mark.shape}>
        {mark.word}
      </Mark>
    </>
  );
}
