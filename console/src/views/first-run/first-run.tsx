/** From an empty system to a first held action: steps that tick themselves, each with the text to paste. */
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { View } from '../../kit/layout.tsx';
import { Mark } from '../../kit/mark.tsx';
import { Note } from '../../kit/said.tsx';
import { doneSteps, type Found, STEPS, type Step } from './done.ts';
import styles from './first-run.module.css';
import { useFound } from './state.ts';
import { CONTENTS, TITLES } from './steps.tsx';

export function FirstRunView() {
  const found = useFound();
  const done = doneSteps(found);
  const next = STEPS.find((step) => !done.has(step));
  return (
    <View
      title="To a first held action"
      about="Seven steps, about three minutes. Each ticks itself once the gateway sees that it is done."
      width="reading"
    >
      {next === undefined ? (
        <Note tone="green" title="All of it works" live="status">
          <p>
            Agents act through the gateway, and people are asked. Next: say{' '}
            <Link to="/policy">what may run, and what waits for whom</Link>.
          </p>
        </Note>
      ) : null}
      <ol className={styles['steps']}>
        {STEPS.map((step, at) => (
          <StepItem
            key={step}
            step={step}
            number={at + 1}
            found={found}
            done={done.has(step)}
            isNext={step === next}
          />
        ))}
      </ol>
    </View>
  );
}

type StepProps = {
  readonly step: Step;
  readonly number: number;
  readonly found: Found;
  readonly done: boolean;
  readonly isNext: boolean;
};

function StepItem({ step, number, found, done, isNext }: StepProps) {
  const [asked, setAsked] = useState<boolean>();
  const Content = CONTENTS[step];
  const open = asked ?? isNext;
  return (
    <li className={styles['step']} data-step={step} data-done={done}>
      <button
        type="button"
        className={styles['head']}
        aria-expanded={open}
        aria-current={isNext ? 'step' : undefined}
        onClick={() => setAsked(!open)}
      >
        <span className={styles['number']} aria-hidden="true">
          {number}
        </span>
        <span className={styles['title']}>{TITLES[step]}</span>
        {done ? (
          <Mark tone="green" shape="tick">
            Done
          </Mark>
        ) : isNext ? (
          <Mark tone="blue" shape="dot">
            Now
          </Mark>
        ) : (
          <Mark tone="soft" shape="ring">
            Later
          </Mark>
        )}
      </button>
      {open ? (
        <div className={styles['content']}>
          <Content found={found} done={done} />
        </div>
      ) : null}
    </li>
  );
}
