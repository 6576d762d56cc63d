/**
 * Text that came from elsewhere: every invisible, reordering or look-alike character is written out and marked (A3).
 * Nothing an agent, an upstream or a person wrote may reach the page in any other way.
 */
import { visible } from '@countersign/core';
import { Fragment } from 'react';
import styles from './shown.module.css';

export function Shown({ text, mono = false }: { readonly text: string; readonly mono?: boolean }) {
  const { text: clear, findings } = visible(text);
  const name = mono ? styles['mono'] : undefined;
  if (findings.length === 0) return <span className={name}>{clear}</span>;
  return (
    <span className={name}>
      <Marked text={clear} />{' '}
      <span className={styles['found']}>
        {findings.length === 1 ? '1 hidden character' : `${findings.length} hidden characters`}
      </span>
    </span>
  );
}

/** Ours in text already made visible: an escape, or a mark for what is hidden. Nothing untrusted can write either. */
const OURS = /((?<=(?<!\\)(?:\\\\)*)\\u\{[0-9A-F]+(?:\*\d+)?\}|‹[^›]*›)/;

/** Text core or the gateway has made visible, its escapes and marks told apart from the text around them. */
export function Marked({ text }: { readonly text: string }) {
  if (!text.includes('\\u{') && !text.includes('‹')) return text;
  const parts = text.split(OURS);
  return parts.map((part, at) =>
    at % 2 === 0 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name.
      <Fragment key={at}>{part}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a text have no other name.
      <span key={at} className={part.startsWith('‹') ? styles['hidden'] : styles['escape']}>
        {part}
      </span>
    ),
  );
}
