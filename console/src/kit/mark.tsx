/** A state as a shape and a word, coloured where colour means something: never colour alone. */
import type { ReactNode } from 'react';
import styles from './mark.module.css';

export type Tone = 'ink' | 'soft' | 'blue' | 'amber' | 'green' | 'red' | 'violet';
/** Told apart without colour too: a filled dot, a ring, a tick, a cross, a dash, a diamond, bars. */
export type Shape =
  | 'dot'
  | 'ring'
  | 'tick'
  | 'cross'
  | 'dash'
  | 'diamond'
  | 'half'
  | 'bars-1'
  | 'bars-2'
  | 'bars-3'
  | 'bars-4';

export type MarkProps = {
  readonly tone: Tone;
  readonly shape: Shape;
  readonly children: ReactNode;
  /** On a wash of its colour: for the one state a view is about. */
  readonly strong?: boolean;
  readonly title?: string;
};

export function Mark({ tone, shape, children, strong = false, title }: MarkProps) {
  const names = [styles['mark'], styles[tone], strong ? styles['strong'] : ''];
  return (
    <span className={names.filter(Boolean).join(' ')} title={title}>
      <svg viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
        {SHAPES[shape]}
      </svg>
      {children}
    </span>
  );
}

const bars = (filled: number): ReactNode =>
  [0, 1, 2, 3].map((bar) => (
    <rect
      key={bar}
      x={bar * 3}
      y={8 - bar * 2.4}
      width="2"
      height={3 + bar * 2.4}
      fill="currentColor"
      opacity={bar < filled ? 1 : 0.24}
    />
  ));

const stroke = { fill: 'none', stroke: 'currentColor', strokeWidth: 2 } as const;
const SHAPES: { readonly [S in Shape]: ReactNode } = {
  dot: <circle cx="6" cy="6" r="4" fill="currentColor" />,
  ring: <circle cx="6" cy="6" r="4" {...stroke} strokeWidth={1.6} />,
  half: (
    <>
      <circle cx="6" cy="6" r="4.2" {...stroke} strokeWidth={1.6} />
      <path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor" />
    </>
  ),
  tick: <path d="M1.5 6.5l3 3 6-7" {...stroke} />,
  cross: <path d="M2 2l8 8M10 2l-8 8" {...stroke} />,
  dash: <path d="M1.5 6h9" {...stroke} />,
  diamond: <path d="M6 1l5 5-5 5-5-5z" {...stroke} strokeWidth={1.6} />,
  'bars-1': bars(1),
  'bars-2': bars(2),
  'bars-3': bars(3),
  'bars-4': bars(4),
};
