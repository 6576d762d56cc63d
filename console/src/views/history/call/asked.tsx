/** What a call asked, and what it was answered: as a reviewer would be shown it, secrets out. For one call, and for a run’s step. */
import { isJsonArray, isJsonObject, type Json } from '@countersign/core';
import type { CallAction, CallAnswer } from '@countersign/sdk';
import { Lines } from '../../../kit/data/lines.tsx';
import { Value } from '../../../kit/data/value.tsx';
import { Soft, Stack } from '../../../kit/layout.tsx';
import styles from './call.module.css';

const ARGUMENTS = '/context/arguments';

export function Asked({ asked }: { readonly asked: CallAction }) {
  if (asked.kind !== 'kept') return <Soft>{NOT_ASKED[asked.kind]}</Soft>;
  const redactions = Map.groupBy(asked.redactions, ({ pointer }) => pointer);
  const { context } = asked.shown_action;
  const hasArguments = isJsonObject(context) && isJsonObject(context['arguments']);
  return (
    <Stack>
      {hasArguments ? (
        <Value label="Arguments" value={asked.shown_action} redactions={redactions} below={ARGUMENTS} />
      ) : null}
      <details className={styles['more']} open={!hasArguments}>
        <summary>All of what was asked</summary>
        <Value label="The whole action" value={asked.shown_action} redactions={redactions} />
      </details>
    </Stack>
  );
}

const NOT_ASKED: { readonly [K in Exclude<CallAction['kind'], 'kept'>]: string } = {
  not_kept: 'Not kept: of a question that was refused, its names and its digest are.',
  large: 'Too large for this list: the call by itself shows it.',
  erased: 'Erased, on the record.',
};

export function Answer({ answer }: { readonly answer: CallAnswer }) {
  if (answer.kind !== 'kept') return <Soft>{NOT_ANSWERED[answer.kind]}</Soft>;
  const texts = textsIn(answer.shown);
  if (texts === undefined) return <Value label="The answer" value={answer.shown} />;
  return (
    <Stack>
      {texts.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the parts of an answer have no other name.
        <Lines key={at} label="The answer" text={text} wrap />
      ))}
    </Stack>
  );
}

const NOT_ANSWERED: { readonly [K in Exclude<CallAnswer['kind'], 'kept'>]: string } = {
  none: 'Nothing: it did not run, or has not ended.',
  not_kept: 'Not kept: only answers of calls that people approved are.',
  large: 'Too large for this list: the call by itself shows it.',
  erased: 'Erased, on the record.',
};

/** An MCP answer that is text and nothing else, as text. */
function textsIn(shown: Json): readonly string[] | undefined {
  const content = only(only(shown, 'result'), 'content');
  if (content === undefined || !isJsonArray(content) || content.length === 0) return undefined;
  const texts: string[] = [];
  for (const part of content) {
    if (!isJsonObject(part) || part['type'] !== 'text' || Object.keys(part).length !== 2) return undefined;
    const { text } = part;
    if (typeof text !== 'string') return undefined;
    texts.push(text);
  }
  return texts;
}

/** The one member an object has. */
const only = (value: Json | undefined, member: string): Json | undefined =>
  value !== undefined && isJsonObject(value) && Object.keys(value).length === 1 ? value[member] : undefined;
