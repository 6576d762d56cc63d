// What enforcement and the views are handed: masking as obligations ask for it, and redactions for reviewers.
import { createHmac } from 'node:crypto';
import type { Json, Obligation, Redaction, Redactions } from '@countersign/core';
import { type Answer, type Apart, isLarge } from './apart/apart.ts';
import { builtInDetectors } from './built-in.ts';
import { type Detector, MASK_KINDS, type MaskKind } from './detector.ts';
import type { KnownSecrets } from './known/known.ts';
import { FAILED_LABEL, markOf } from './marks.ts';
import { createMasker, type Masker } from './masker.ts';
import { SECRET_FORMS } from './patterns/secrets.ts';
import type { Verdict, Verdicts } from './verdicts.ts';

export type Masked = { readonly value: Json; readonly changed: boolean };

export interface Masking {
  /** Removes secrets always, and what `obligations` name. Never throws; what it cannot judge it masks whole. */
  mask(value: Json, obligations: readonly Obligation[]): Masked;
  /** The same, for a value of any size: a large one is masked apart, when it is the turn of `holder`. Never rejects. */
  maskApart(value: Json, obligations: readonly Obligation[], holder: string): Masked | Promise<Masked>;
  /** Secrets removed from a line for a log, an error, a label. */
  text(text: string): string;
  /** What reviewers must not see in an action (I6). */
  redactions(value: Json): Redactions;
  /** The same, for an action of any size. */
  redactionsApart(value: Json, holder: string): Promise<Redactions>;
  /** Equal while the same is taken out. Keyed, and over all of it at once: no secret can be tried against it (I7). */
  identity(key: Uint8Array): string;
  /** Obligation types that can be carried out. */
  readonly carries: ReadonlySet<string>;
  readonly masker: Masker;
}

/** Raised when other text is found than before, and no table of patterns says so. */
const MASKING_VERSION = 1;

/** Without `apart` everything is masked here and now. */
export function createMasking(
  known: KnownSecrets,
  detectors: readonly Detector[] = builtInDetectors(),
  apart?: Apart,
): Masking {
  const masker = createMasker({ known, detectors });
  const mask: Masking['mask'] = (value, obligations) => {
    const kinds = kindsOf(obligations);
    if (kinds === undefined) return whole(FAILED_LABEL);
    const { value: masked, changed } = masker.redactJson(value, { kinds });
    return { value: masked, changed };
  };
  const redactions: Masking['redactions'] = (value) => redactionsFrom(masker.judgeJson(value));
  return {
    masker,
    identity: identityOf(known, detectors),
    carries: new Set(['mask']),
    mask,
    maskApart(value, obligations, holder) {
      const kinds = kindsOf(obligations);
      if (apart === undefined || kinds === undefined || !isLarge(value)) return mask(value, obligations);
      return apart.do({ kind: 'mask', value, kinds }, holder).then((answer) => maskedBy(answer, value));
    },
    text: (text) => masker.redactText(text).text,
    redactions,
    async redactionsApart(value, holder) {
      if (apart === undefined || !isLarge(value)) return redactions(value);
      return redactionsBy(await apart.do({ kind: 'judge', value }, holder));
    },
  };
}

/** Made once for each state of what is known. */
function identityOf(known: KnownSecrets, detectors: readonly Detector[]): Masking['identity'] {
  let made: { readonly version: number; readonly key: Uint8Array; readonly identity: string } | undefined;
  return (key) => {
    if (made?.version === known.version && made.key === key) return made.identity;
    const secrets = known.list().map(({ label, value }) => JSON.stringify([label, value]));
    const names = detectors.map(({ name }) => name);
    const all = JSON.stringify([MASKING_VERSION, SECRET_FORMS, names, secrets.sort()]);
    const identity = createHmac('sha256', key).update(`masking:identity\n${all}`).digest('hex');
    made = { version: known.version, key, identity };
    return identity;
  };
}

const whole = (label: string): Masked => ({ value: markOf(label), changed: true });

function maskedBy(answer: Answer, value: Json): Masked {
  if (answer.kind === 'same') return { value, changed: false };
  if (answer.kind === 'masked') return { value: answer.value, changed: true };
  return whole(answer.kind === 'failed' ? answer.label : FAILED_LABEL);
}

function redactionsBy(answer: Answer): Redactions {
  if (answer.kind === 'judged') return redactionsFrom(answer.verdicts);
  const label = answer.kind === 'failed' ? answer.label : FAILED_LABEL;
  return new Map([['', [{ kind: 'failure', label, chars: 0 }]]]);
}

function redactionsFrom(verdicts: Verdicts): Redactions {
  return new Map([...verdicts].map(([pointer, verdict]) => [pointer, redactionsOf(verdict)]));
}

/** Secrets, and what the obligations ask for; undefined when one asks for a kind nothing here can find. */
function kindsOf(obligations: readonly Obligation[]): readonly MaskKind[] | undefined {
  const kinds = new Set<MaskKind>(['secret']);
  for (const { type, properties } of obligations) {
    if (type !== 'mask') continue;
    const asked = properties['kinds'];
    if (!Array.isArray(asked)) return undefined;
    for (const kind of asked) {
      const known = MASK_KINDS.find((each) => each === kind);
      if (known === undefined) return undefined;
      kinds.add(known);
    }
  }
  return [...kinds];
}

/** A range is redaction inside text, which blocks approval until a logged reveal (I6). */
function redactionsOf(verdict: Verdict): readonly Redaction[] {
  if (verdict.state === 'ranges') {
    return verdict.hits.map(({ kind, label, start, end }) => ({
      kind,
      label,
      chars: end - start,
      range: { start, end },
    }));
  }
  const { kind, label, chars, content } = verdict;
  return [{ kind, label, chars, ...(content ? { range: { start: 0, end: chars } } : {}) }];
}
