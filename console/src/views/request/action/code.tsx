/** A statement, a script, a text of several lines: as somebody would have written it, every hidden character marked. */
import { visible } from '@countersign/core';
import { useEffect, useMemo, useState } from 'react';
import { Marked, Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import styles from './action.module.css';
import { Chunks } from './chunks.tsx';
import type { Language } from './present.ts';
import type { Coloured } from './sql.ts';

const NAMES: { readonly [L in Language]: string } = { sql: 'SQL', shell: 'Command', plain: 'Text' };

export function Code({ text, language }: { readonly text: string; readonly language: Language }) {
  const clear = useMemo(
    () => visible(text, { multiline: true, chars_max: Number.POSITIVE_INFINITY }).text,
    [text],
  );
  const coloured = useColours(clear, language);
  const lines = clear.split('\n');
  return (
    <figure className={styles['code']}>
      <figcaption>
        {NAMES[language]}, {counted(lines.length, 'line')}, {counted(text.length, 'character')}
      </figcaption>
      <pre>
        <Chunks
          lines={lines}
          row={(line, at) => (
            <div key={at} className={styles['code-line']}>
              <Spans spans={coloured?.[at] ?? [{ text: line }]} />
              {'\n'}
            </div>
          )}
        />
      </pre>
    </figure>
  );
}

const Spans = ({ spans }: { readonly spans: Coloured[number] }) =>
  spans.map(({ text, as }, at) =>
    as === undefined ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: spans of one line have no other name, and never change places.
      <Marked key={at} text={text} />
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: spans of one line have no other name, and never change places.
      <span key={at} className={styles[`sql-${as}`]}>
        <Marked text={text} />
      </span>
    ),
  );

/** Plain at first; coloured once the reader of the language is there. */
function useColours(clear: string, language: Language): Coloured | undefined {
  const [coloured, setColoured] = useState<Coloured>();
  useEffect(() => {
    if (language !== 'sql') return;
    let over = false;
    void import('./sql.ts').then(({ colourSql }) => {
      if (!over) setColoured(colourSql(clear));
    });
    return () => {
      over = true;
    };
  }, [clear, language]);
  return coloured;
}

/** The words a command is started with, one a box: where one ends and the next begins is part of what it does. */
export function Argv({ words }: { readonly words: readonly string[] }) {
  return (
    <ol
      className={styles['argv']}
      aria-label={counted(words.length, 'word of the command', 'words of the command')}
    >
      {words.map((word, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place of a word is its name.
        <li key={at}>{word === '' ? <i>empty</i> : <Shown text={word} mono />}</li>
      ))}
    </ol>
  );
}
