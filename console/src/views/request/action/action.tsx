/** What would run, whole: its arguments in the form they are best read in, then everything else that goes with them. */

import type { RequestDetail } from '@countersign/sdk';
import { Link, useSearch } from '@tanstack/react-router';
import { type Ref, useMemo } from 'react';
import type { Drawn } from '../../../data/shown-action.ts';
import { Id } from '../../../kit/data/copy.tsx';
import { Section } from '../../../kit/layout.tsx';
import { Note } from '../../../kit/said.tsx';
import { Marked } from '../../../kit/shown.tsx';
import { counted, shortDigest } from '../../../words/size.ts';
import styles from './action.module.css';
import { Changes } from './change-lines.tsx';
import { Argv, Code } from './code.tsx';
import { Lines, Tree } from './lines.tsx';
import { isLong, type Part, present } from './present.ts';

export type ActionProps = {
  readonly detail: RequestDetail;
  readonly drawn: Drawn;
  /** Stands below the last line: whoever has seen it has had all of it on the screen. */
  readonly end?: Ref<HTMLDivElement>;
  /** Core's lines and nothing else. */
  readonly exact?: boolean;
};

export function Action({ detail, drawn, end, exact = false }: ActionProps) {
  const { roots, parts, rest } = useMemo(() => present(detail, drawn), [detail, drawn]);
  return (
    <div className={styles['action']}>
      <Findings total={drawn.rendering.findings_total} />
      {exact ? (
        <Tree nodes={roots} />
      ) : (
        <>
          {parts.map((part) => (
            <Argument key={part.node.line.pointer} part={part} />
          ))}
          {parts.length === 0 ? null : <p className={styles['also']}>Also part of it</p>}
          <dl className={styles['rest']}>
            {rest.map(({ path, lines }) => (
              <div key={lines[0]?.pointer ?? path} data-long={isLong(lines) ? true : undefined}>
                <dt>
                  <Marked text={path} />
                </dt>
                <dd>
                  <Lines lines={lines} />
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <div ref={end} data-end />
    </div>
  );
}

/** With a heading, and the two ways to look at it. */
export function ActionSection({ detail, drawn, end }: ActionProps) {
  const { as } = useSearch({ from: '/signed-in/requests/$id' });
  const exact = as === 'exact';
  const aside = (
    <span className={styles['ways']}>
      <Link
        to="."
        search={(search) => ({ ...search, as: exact ? undefined : 'exact' })}
        replace
        resetScroll={false}
      >
        {exact ? 'Show it to read' : 'Show it exactly as digested'}
      </Link>
      <Id text={detail.action_digest} short={shortDigest(detail.action_digest)} />
    </span>
  );
  return (
    <Section
      title={detail.status === 'pending' ? 'What would run' : 'What was asked'}
      aside={aside}
      id="action"
    >
      <Action detail={detail} drawn={drawn} exact={exact} {...(end === undefined ? {} : { end })} />
    </Section>
  );
}

function Findings({ total }: { readonly total: number }) {
  if (total === 0) return null;
  const places = total === 1 ? 'One place could' : `${total} places could`;
  return (
    <Note tone="violet">
      <p>
        {places} mislead the eye: {counted(total, 'invisible, reordering or look-alike character')}, each
        written out as <code>{'\\u{…}'}</code> and marked.
      </p>
    </Note>
  );
}

function Argument({ part }: { readonly part: Part }) {
  const { name, node } = part;
  return (
    <div
      className={styles['argument']}
      data-large={part.as !== 'tree' || node.children.length > 0 ? true : undefined}
    >
      <div className={styles['name']}>{name ?? ''}</div>
      <div className={styles['value']}>{formOf(part) ?? <Tree nodes={[node]} bare />}</div>
    </div>
  );
}

function formOf(part: Part) {
  switch (part.as) {
    case 'text':
      return <Code text={part.text} language={part.language} />;
    case 'argv':
      return <Argv words={part.words} />;
    case 'changes':
      return <Changes changes={part.changes} />;
    case 'tree':
      return undefined;
  }
}
