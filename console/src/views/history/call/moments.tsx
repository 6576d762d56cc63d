/** What happened to a call, in order, with how long each step took. */
import type { Call } from '@countersign/sdk';
import { Shown } from '../../../kit/shown.tsx';
import { momentsOf } from '../../../words/calls.ts';
import { exactTime, took } from '../../../words/time.ts';
import styles from './call.module.css';

export function Moments({ call }: { readonly call: Call }) {
  const moments = momentsOf(call);
  return (
    <ol className={styles['moments']}>
      {moments.map(({ id, at, says, who }, index) => {
        const before = moments[index - 1]?.at;
        return (
          <li key={id}>
            <time className={styles['time']} dateTime={new Date(at).toISOString()} title={exactTime(at)}>
              {before === undefined ? clock(at) : `+ ${took(at - before)}`}
            </time>
            <span>
              {says}
              {who === undefined ? null : (
                <>
                  {' '}
                  by <Shown text={who} />
                </>
              )}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hourCycle: 'h23',
});
const clock = (at: number): string => CLOCK.format(at);
