/** One run, replayed step by step: what was asked, what was decided, what ran, what came back. It runs nothing. */
import type { TrailDetail, TrailStep } from '@countersign/sdk';
import { useSuspenseInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { trailQuery } from '../../../data/history/calls.ts';
import { Button } from '../../../kit/button.tsx';
import { Key, useKeys } from '../../../kit/key.tsx';
import { Row, Section, View } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { Exactly } from '../../../kit/time.tsx';
import { BOUND_WORDS, markOfCall } from '../../../words/calls.ts';
import { count, counted } from '../../../words/size.ts';
import { RISK_WORDS } from '../../../words/states.ts';
import { took } from '../../../words/time.ts';
import { Answer, Asked } from '../../history/call/asked.tsx';
import { Moments } from '../../history/call/moments.tsx';
import { CallSentence } from '../../history/call/sentence.tsx';
import styles from './run.module.css';

const route = getRouteApi('/signed-in/runs/$trail');

export function RunView() {
  const { trail: id } = route.useParams();
  const { data, fetchNextPage, hasNextPage, isFetchingNextPage } = useSuspenseInfiniteQuery(trailQuery(id));
  const { call } = route.useSearch();
  const steps = data.pages.flatMap((page) => page.steps);
  const [trail] = data.pages;
  const found = call === undefined ? 0 : steps.findIndex((step) => step.id === call);
  const missing = found === -1 && hasNextPage;
  const near = found >= steps.length - 10;
  // A linked step may stand on a later page; and whoever walks towards the end does not wait there.
  useEffect(() => {
    if ((missing || near) && hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [missing, near, hasNextPage, isFetchingNextPage, fetchNextPage]);
  if (trail === undefined) return null;
  return <Replay trail={trail} steps={steps} at={Math.max(0, found)} />;
}

type ReplayProps = { readonly trail: TrailDetail; readonly steps: readonly TrailStep[]; readonly at: number };

function Replay({ trail, steps, at }: ReplayProps) {
  const navigate = useNavigate();
  const go = (to: number): void => {
    const step = steps[to];
    if (step === undefined) return;
    void navigate({
      to: '/runs/$trail',
      params: { trail: trail.id },
      search: { call: step.id },
      replace: true,
      resetScroll: false,
    });
  };
  useKeys({ j: () => go(at + 1), k: () => go(at - 1) });
  const step = steps[at];
  return (
    <View
      title={
        <>
          A run of <Shown text={trail.agent} />
        </>
      }
      about={
        <>
          {counted(trail.calls, 'call')} in {took(trail.last_at - trail.started_at)}, from{' '}
          <Exactly at={trail.started_at} />, held together by {BOUND_WORDS[trail.bound_by]}.
        </>
      }
      actions={
        <Row gap="wide">
          <Link to="/history" search={{ trail: trail.id }}>
            As a list
          </Link>
          <Link to="/runs" search={{ agent: trail.agent, first: trail.id }}>
            Compare with another
          </Link>
        </Row>
      }
    >
      <div className={styles['replay']}>
        <Steps trail={trail} steps={steps} at={at} />
        {step === undefined ? null : <Step key={step.id} step={step} of={trail.calls} />}
      </div>
      <nav className={styles['walk']} aria-label="Steps">
        <Button isDisabled={at === 0} onPress={() => go(at - 1)}>
          Previous <Key>k</Key>
        </Button>
        <span>
          {count(at + 1)} of {count(trail.calls)}
        </span>
        <Button isDisabled={at >= steps.length - 1} onPress={() => go(at + 1)}>
          Next <Key>j</Key>
        </Button>
      </nav>
    </View>
  );
}

function Steps({ trail, steps, at }: ReplayProps) {
  useEffect(() => {
    document.querySelector(`[data-step="${at}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [at]);
  return (
    <ol className={styles['steps']} aria-label="Steps of the run">
      {steps.map((step, index) => {
        const mark = markOfCall(step);
        return (
          <li key={step.id} data-step={index}>
            <Link
              to="/runs/$trail"
              params={{ trail: trail.id }}
              search={{ call: step.id }}
              replace
              resetScroll={false}
              className={styles['step']}
              aria-current={index === at ? 'step' : undefined}
            >
              <span className={styles['number']}>{step.step}</span>
              <span className={styles['tool']}>
                <Shown text={step.resource} />
              </span>
              <Mark tone={mark.tone} shape={mark.shape}>
                {mark.word}
              </Mark>
            </Link>
          </li>
        );
      })}
    </ol>
  );
}

function Step({ step, of }: { readonly step: TrailStep; readonly of: number }) {
  const mark = markOfCall(step);
  const risk = step.risk === null ? undefined : RISK_WORDS[step.risk];
  return (
    <article className={styles['one']} aria-label={`Step ${step.step} of ${of}`}>
      <h2 className={styles['sentence']}>
        <CallSentence call={step} />
      </h2>
      <p className={styles['marks']}>
        <Mark tone={mark.tone} shape={mark.shape} strong>
          {mark.word}
        </Mark>
        {risk === undefined ? null : (
          <Mark tone={risk.tone} shape={risk.shape}>
            {risk.word}
          </Mark>
        )}
        <Link to="/history/$call" params={{ call: step.id }}>
          Everything about it
        </Link>
        {step.request_id === undefined ? null : (
          <Link to="/requests/$id" params={{ id: step.request_id }}>
            Its request
          </Link>
        )}
      </p>
      <Section title="Asked">
        <Asked asked={step.asked} />
      </Section>
      <Section
        title="Decided and run"
        aside={step.rules.length === 0 ? undefined : <Shown text={`by ${step.rules.join(', ')}`} />}
      >
        <Moments call={step} />
      </Section>
      <Section title="Returned">
        <Answer answer={step.answer} />
      </Section>
    </article>
  );
}
