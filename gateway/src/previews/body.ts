/**
 * What is kept and shown of a read: blanked first, whole or not at all. A preview cut short could hide the very line that
 * matters (A4), so what is too large is not shown; and secrets and personal data are gone before anything is stored (I7).
 */
import {
  hideRedacted,
  isJsonObject,
  type Json,
  type Obligation,
  patchSigns,
  type Redactions,
} from '@countersign/core';
import type { Masking } from '../deps.ts';
import { diffLines } from '../policy/source/line-diff.ts';
import { thousands } from './impact.ts';
import type { PreviewPlan } from './previewer.ts';
import type { KeptPreview } from './stored.ts';

/** Of each text, together with {@link LINES_MAX}: what a person may still look through. */
export const CHARACTERS_MAX = 200_000;
const LINES_MAX = 5_000;
const SAID_CHARACTERS_MAX = 2_000;

export type Made =
  | { readonly kind: 'made'; readonly kept: KeptPreview }
  | { readonly kind: 'none'; readonly why: string };

export type Material = {
  readonly plan: Pick<PreviewPlan, 'show' | 'against' | 'dry_run'>;
  readonly text: string;
  readonly obligations: readonly Obligation[];
  /** Whose turn it is where large values are masked. */
  readonly holder: string;
};

export async function bodyOf(masking: Masking, material: Material): Promise<Made> {
  const { plan, text } = material;
  const { show, against = '', dry_run } = plan;
  if (isTooLarge(text) || isTooLarge(against)) return { kind: 'none', why: TOO_LARGE };
  const given: { readonly [name: string]: string } =
    show === 'diff' ? { before: text, after: against } : { text };
  const blanked = await blank(masking, given, material);
  if (blanked === undefined)
    return { kind: 'none', why: 'what it answered could not be searched for secrets' };
  const { texts, hidden, labels } = blanked;
  const { before = '', after = '', text: said = '' } = texts;
  switch (show) {
    case 'diff': {
      const counts = countsOf(before, after);
      const differs = hidden > 0 && !sameCounts(counts, countsOf(text, against));
      return {
        kind: 'made',
        kept: {
          dry_run,
          shown: { show, before, after, ...counts, hidden, labels, hidden_differs: differs },
        },
      };
    }
    case 'text':
      return {
        kind: 'made',
        kept: { dry_run, shown: { show, text: said, hidden, labels, hidden_differs: false } },
      };
    case 'patch':
      return {
        kind: 'made',
        kept: {
          dry_run,
          shown: { show, text: said, ...patchCounts(said), hidden, labels, hidden_differs: false },
        },
      };
  }
}

const TOO_LARGE = `it is larger than a preview shows (${thousands(CHARACTERS_MAX)} characters, ${thousands(LINES_MAX)} lines), and part of it would mislead`;

const isTooLarge = (text: string): boolean =>
  text.length > CHARACTERS_MAX || text.split('\n', LINES_MAX + 1).length > LINES_MAX;

/** What the upstream said of its own failure: the beginning is enough, and is blanked whole before it is cut (A23). */
export async function saidOf(
  masking: Masking,
  said: string,
  rest: Pick<Material, 'obligations' | 'holder'>,
): Promise<string | undefined> {
  if (said.length > CHARACTERS_MAX) return undefined;
  const blanked = await blank(masking, { said }, rest);
  const text = blanked?.texts['said'];
  if (text === undefined || text.trim() === '') return undefined;
  return text.length <= SAID_CHARACTERS_MAX ? text : `${text.slice(0, SAID_CHARACTERS_MAX).toWellFormed()} …`;
}

type Blanked = {
  readonly texts: { readonly [name: string]: string };
  readonly hidden: number;
  readonly labels: readonly string[];
};

/** Undefined: nobody can answer for it. */
async function blank(
  masking: Masking,
  texts: { readonly [name: string]: string },
  { obligations, holder }: Pick<Material, 'obligations' | 'holder'>,
): Promise<Blanked | undefined> {
  const redactions = await masking.redactionsApart(texts, holder);
  const all = [...redactions.values()].flat();
  if (all.some(({ kind }) => kind === 'failure')) return undefined;
  const { value } = hideRedacted(texts, redactions);
  // Rules may oblige to more than people are kept from seeing.
  const masked = await masking.maskApart(withBlocks(value, redactions), obligations, holder);
  if (!isJsonObject(masked.value)) return undefined;
  const left = Object.entries(masked.value);
  if (!left.every(([, text]) => typeof text === 'string')) return undefined;
  return {
    texts: Object.fromEntries(left) as { [name: string]: string },
    hidden: all.length,
    labels: [...new Set(all.map(({ label }) => label))].sort(),
  };
}

const BLOCK = '█';
const BLOCKS_MAX = 100;

/** A text that is hidden whole is null then; a text all the same, so that it is drawn as one. */
function withBlocks(value: Json, redactions: Redactions): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      const chars = redactions.get(`/${name}`)?.[0]?.chars ?? 1;
      return [name, text ?? BLOCK.repeat(Math.min(BLOCKS_MAX, Math.max(1, chars)))];
    }),
  );
}

type Counts = { readonly added: number; readonly removed: number };

const sameCounts = (a: Counts, b: Counts): boolean => a.added === b.added && a.removed === b.removed;

function countsOf(before: string, after: string): Counts {
  let [added, removed] = [0, 0];
  for (const { kind } of diffLines(linesIn(before), linesIn(after))) {
    if (kind === 'new') added += 1;
    if (kind === 'gone') removed += 1;
  }
  // Only the break at the very end differs: the last line is another.
  return added + removed === 0 && before !== after ? { added: 1, removed: 1 } : { added, removed };
}

/** Nothing has no line, and a break at the end begins none. */
function linesIn(text: string): readonly string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

/** Of a patch in unified form; its heads are no change. */
function patchCounts(text: string): Counts {
  const signs = patchSigns(text.split('\n'));
  const count = (of: '+' | '-'): number => signs.filter(({ sign }) => sign === of).length;
  return { added: count('+'), removed: count('-') };
}
