/** How a view stands on the page: its head, its sections, rows of facts. Hairlines, never boxes in boxes. */
import { type ReactNode, useRef } from 'react';
import styles from './layout.module.css';
import { useTitle } from './title.ts';

export type ViewProps = {
  readonly title: ReactNode;
  /** One line below the title. */
  readonly about?: ReactNode;
  /** What one can do with the whole view, at the right. */
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** `wide` for tables, `reading` for one thing read from top to bottom. */
  readonly width?: 'wide' | 'reading';
};

export function View({ title, about, actions, children, width = 'wide' }: ViewProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useTitle(heading);
  return (
    <div className={`${styles['view']} ${styles[width]}`}>
      <header className={styles['head']}>
        <div>
          <h1 ref={heading} className={styles['title']}>
            {title}
          </h1>
          {about === undefined ? null : <div className={styles['about']}>{about}</div>}
        </div>
        {actions === undefined ? null : <div className={styles['actions']}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export type SectionProps = {
  readonly title: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
  readonly id?: string;
};

export function Section({ title, aside, children, id }: SectionProps) {
  return (
    <section className={styles['section']} aria-label={title} id={id}>
      <header className={styles['section-head']}>
        <h2>{title}</h2>
        {aside === undefined ? null : <div className={styles['aside']}>{aside}</div>}
      </header>
      {children}
    </section>
  );
}

export type Fact = readonly [name: string, value: ReactNode];

/** Names and values; rows whose value is undefined or null are left out. */
export function Facts({ rows }: { readonly rows: readonly Fact[] }) {
  return (
    <dl className={styles['facts']}>
      {rows
        .filter(([, value]) => value !== undefined && value !== null)
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

export const Row = ({
  children,
  gap = 'normal',
}: {
  readonly children: ReactNode;
  readonly gap?: 'normal' | 'wide';
}) => <div className={`${styles['row']} ${gap === 'wide' ? styles['row-wide'] : ''}`}>{children}</div>;
export const Stack = ({ children }: { readonly children: ReactNode }) => (
  <div className={styles['stack']}>{children}</div>
);
export const Soft = ({ children }: { readonly children: ReactNode }) => (
  <span className={styles['soft']}>{children}</span>
);
