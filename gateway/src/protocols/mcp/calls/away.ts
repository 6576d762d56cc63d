/**
 * A call put away while it waits. Thousands may wait, and a question is forty small objects that weigh twice what its text
 * does. What came over the wire goes as well: whatever runs later is written anew from the canonical bytes. What is taken
 * out again is the same question, byte for byte once it is canonical.
 */
import type { Evaluation, JsonObject } from '@countersign/core';
import { paramsOf } from '../binding.ts';
import type { Call, Prepared } from './call.ts';

/** `call` without its words: for those it must be taken out. */
export type Away = {
  readonly call: Call;
  readonly prepared: Omit<Prepared, 'evaluation'>;
  readonly question: string;
};

type Asked = { readonly call: Call; readonly prepared: Prepared };

const NO_BYTES = Buffer.alloc(0);
const NOTHING: JsonObject = Object.freeze({});

export function putAway({ call, prepared }: Asked): Away {
  const { evaluation, ...rest } = prepared;
  const { request, talk, capabilities } = call;
  return {
    call: {
      ...call,
      request: { ...request, params: NOTHING },
      bytes: NO_BYTES,
      talk: NOTHING,
      capabilities: NOTHING,
    },
    prepared: { ...rest, rewritten: true },
    question: JSON.stringify([onceOnly(evaluation), talk, capabilities]),
  };
}

export function takeOut({ call, prepared, question }: Away): Asked {
  const [kept, talk, capabilities] = JSON.parse(question) as [Evaluation, JsonObject, JsonObject];
  const evaluation = wholeAgain(kept);
  const request = { ...call.request, params: paramsOf(evaluation, talk) };
  return { call: { ...call, request, talk, capabilities }, prepared: { ...prepared, evaluation } };
}

/** Policy reads the very arguments that would run, and they may be large. */
function onceOnly(evaluation: Evaluation): Evaluation {
  const { args, ...values } = evaluation.facts.values;
  if (args === undefined || args !== evaluation.context['arguments']) return evaluation;
  return { ...evaluation, facts: { ...evaluation.facts, values } };
}

function wholeAgain(evaluation: Evaluation): Evaluation {
  const { facts, context } = evaluation;
  const args = context['arguments'];
  if (args === undefined || Object.hasOwn(facts.values, 'args')) return evaluation;
  return { ...evaluation, facts: { ...facts, values: { ...facts.values, args } } };
}
