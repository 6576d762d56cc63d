/**
 * Verifying a log as a stranger: from its files and one public key, nothing else. It says exactly what it could
 * establish and what it could not, and never calls a log good because nothing was found.
 */
import { encodeHex, equalBytes, parseVerifierKey } from '@countersign/core';
import { checkEntries, entryKey } from './entries.ts';
import { checkContinues, type Head, readHead, readKeys, readNote } from './head.ts';
import { createFindings, type Findings, type LogReport, PROBLEMS, REVIEWER_KEYS_MAX } from './report.ts';
import type { ReviewerPins } from './signatures.ts';
import type { LogSource } from './source.ts';
import { Story } from './story.ts';
import { checkTree } from './tree.ts';

export type VerifyOptions = {
  readonly source: LogSource;
  /** The log's verifier key, from anywhere but the log. */
  readonly vkey: string;
  /** Checkpoint note the auditor kept from an earlier visit, verbatim. */
  readonly older?: string;
  readonly witnesses?: readonly string[];
  /** `tree`: hashes only, about ten times as fast. */
  readonly depth?: 'tree' | 'entries';
  /** Passkeys known to be their people's, from elsewhere than the log. */
  readonly reviewer_keys?: ReviewerPins;
  readonly onProgress?: (done: number, of: number) => void;
};

/** The order of checks. Malformed logs are findings, not exceptions; unreadable ones (network, permissions) throw. @throws LogError for a vkey that is none */
export async function verifyLog(options: VerifyOptions): Promise<LogReport> {
  const { source, depth = 'entries' } = options;
  const began = performance.now();
  const findings = createFindings();
  const story = new Story(findings, options.reviewer_keys);
  const log = parseVerifierKey(options.vkey);
  const keys = [log, ...(options.witnesses ?? []).map(parseVerifierKey)];

  // 1. Who says so: the checkpoint, by the log's key.
  const head = await guarded(findings, 'checkpoint-bad-signature', () => readHead(source, keys, findings));
  if (head === undefined) return report({ options, findings, story, began, head, checked: false });
  const { size, root } = head.checkpoint;

  // 2. Who may sign entries: the list the log's key signed.
  const entryKeys = depth === 'tree' ? [] : (await readKeys(source, log, findings)).map(entryKey);

  // 3. The entries: their hashes, their order, the tiles over them; and, along the way, each one's envelope.
  const computed = await checkTree(source, {
    size,
    findings,
    onBundle: async (bundle) => {
      if (depth === 'entries')
        await checkEntries(source, bundle, {
          keys: entryKeys,
          findings,
          onStatement: (statement, index) => story.add(statement, index),
        });
      options.onProgress?.(bundle.first + bundle.leaves.length, size);
    },
  });

  // 4. They are what was signed.
  if (computed !== undefined && !equalBytes(computed, root)) {
    findings.add('root-mismatch', `the entries give ${encodeHex(computed)}, signed was ${encodeHex(root)}`);
  }

  // 5. They continue what the auditor saw before.
  if (options.older !== undefined) await checkOlder(options, options.older, { head, keys, findings });
  return report({ options, findings, story, began, head, checked: computed !== undefined });
}

async function checkOlder(
  { source }: VerifyOptions,
  older: string,
  { head, keys, findings }: { head: Head; keys: Parameters<typeof readNote>[1]; findings: Findings },
): Promise<void> {
  // What is wrong with the auditor's own file is said of that file, not of the log's checkpoint.
  const own = createFindings();
  const kept = await guarded(own, 'checkpoint-bad-signature', () => readNote(older, keys, own));
  const [unusable] = own.list;
  if (unusable !== undefined) findings.add('older-unusable', unusable.detail);
  if (kept !== undefined)
    await checkContinues(source, { older: kept.checkpoint, newer: head.checkpoint }, findings);
}

/** Bytes that are no note at all are a finding about the note. */
async function guarded<T>(
  findings: Findings,
  problem: 'checkpoint-bad-signature',
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof Error) || (error.name !== 'LogError' && error.name !== 'EncodingError'))
      throw error;
    findings.add(problem, error.message);
    return undefined;
  }
}

type Result = {
  readonly options: VerifyOptions;
  readonly findings: Findings;
  readonly story: Story;
  readonly began: number;
  readonly head: Head | undefined;
  readonly checked: boolean;
};

function report(result: Result): LogReport {
  const { options, findings, story, head, began } = result;
  return {
    ok: findings.total() === 0,
    source: options.source.name,
    origin: head?.checkpoint.origin ?? '',
    size: head?.checkpoint.size ?? 0,
    root: head === undefined ? '' : encodeHex(head.checkpoint.root),
    checkpoint: head?.note ?? '',
    established: established(result),
    not_established: notEstablished(result),
    findings: findings.list,
    findings_total: findings.total(),
    counts: story.counts,
    erased: story.erased,
    erased_total: story.erasedTotal,
    rebuilt: story.rebuilt,
    rebuilt_total: story.rebuiltTotal,
    broken_glass: story.glass.list,
    broken_glass_total: story.glass.total,
    broken_glass_open: story.glass.open,
    executions_open: story.open,
    signed_reviews: { verified: story.signatures.verified, keys: story.signatures.keys },
    took_ms: Math.round(performance.now() - began),
  };
}

const ENTRY_PROBLEMS = [
  'entry-keys-not-signed',
  'unknown-key',
  'bad-signature',
  'envelope-mismatch',
  'malformed',
  'missing',
] as const;
const TREE_PROBLEMS = ['entry-edited', 'reordered', 'tile-edited', 'root-mismatch', 'missing'] as const;
const STORY_PROBLEMS = [
  'back-dated',
  'two-starts',
  'unapproved-run',
  'too-few-reviews',
  'state-moved',
  'result-without-start',
  'bad-break-glass',
] as const;
const SIGNATURE_PROBLEMS = ['bad-reviewer-key', 'bad-review-signature'] as const;

function established({ options, findings, story, head, checked }: Result): readonly string[] {
  if (head === undefined) return [];
  const { size, origin } = head.checkpoint;
  const said = [`The checkpoint of ${size} entries is signed by the key of ${origin} that you gave.`];
  const treeHolds = checked && !findings.has(...TREE_PROBLEMS);
  if (!treeHolds) return said;
  said.push(
    `All ${size} entries, in this order, give the root that was signed; every tile holds the hashes of what is below it.`,
  );
  const entriesHold = options.depth !== 'tree' && !findings.has(...ENTRY_PROBLEMS);
  if (entriesHold) {
    said.push(
      `Every entry is signed by a key the log names, and its leaf commits to exactly that signed statement.`,
    );
    if (!findings.has(...STORY_PROBLEMS) && !story.limited) {
      const others = story.glass.total === 0 ? '' : ', or let through by whoever broke the glass,';
      said.push(
        `What ran had started; what was redeemed had been approved by enough people${others} and in time; nothing final changed.`,
      );
    }
  }
  const broken = story.glass.total;
  if (entriesHold && broken > 0 && !findings.has('bad-break-glass', ...SIGNATURE_PROBLEMS)) {
    said.push(
      `Glass was broken ${broken === 1 ? 'once' : `${broken} times`}: each time where the rules offered it, signed by whoever did, for one run, and never judged by them; ${story.glass.open} of them nobody has judged yet.`,
    );
  }
  const { verified } = story.signatures;
  if (entriesHold && verified > 0 && !findings.has(...SIGNATURE_PROBLEMS)) {
    said.push(
      `${counted(verified, 'review')} signed with a passkey: each over its own request, by a key another person had confirmed and nobody had revoked${allKnown(options, story) ? ', which you know to be theirs' : ''}.`,
    );
  }
  if (options.older !== undefined && !findings.has('cut', 'forked', 'missing', 'older-unusable')) {
    said.push(
      'The log continues the checkpoint you kept: nothing up to it was changed, cut or reordered since.',
    );
  }
  if (head.witnesses.length > 0)
    said.push(`Cosigned by ${head.witnesses.join(', ')}: they saw this tree and no other of its size.`);
  return said;
}

function notEstablished({ options, findings, head, story }: Result): readonly string[] {
  if (head === undefined)
    return ['Anything at all: without a checkpoint signed by the key you gave there is nothing to check.'];
  const said: string[] = [];
  const compared = options.older !== undefined && !findings.has('older-unusable');
  if (!compared && (head?.witnesses.length ?? 0) === 0) {
    said.push(
      'Consistent, but the key holder could have rewritten it: no checkpoint you kept was compared, and no witness you named cosigned this one.',
    );
  }
  if ((head?.witnesses.length ?? 0) === 0)
    said.push('That others are shown the same log: compare checkpoints with them, or use a witness.');
  if (options.depth === 'tree')
    said.push('Who signed the entries and what they say: only hashes were checked.');
  if (story.signatures.verified > 0 && !allKnown(options, story))
    said.push(
      'Whose the passkeys are: the log says who enrolled and who confirmed each. Compare the digests of their keys with the people themselves.',
    );
  if (story.limited)
    said.push('Requests beyond the first two million were not cross-checked with their reviews and runs.');
  if (story.erasedTotal > 0)
    said.push(
      `What ${counted(story.erasedTotal, 'request')} said in clear: it was erased, on the record. What the log commits to stays, and opens to nothing.`,
    );
  said.push(
    'What arguments, results and reasons were: the log holds commitments to them, not their text. And that nothing was done around the gateway.',
  );
  return said;
}

/** Whose every key that signed is, the auditor knew: any other of those people's would be a finding. */
const allKnown = ({ reviewer_keys }: VerifyOptions, { signatures: { keys } }: Story): boolean =>
  keys.length < REVIEWER_KEYS_MAX && keys.every(({ person }) => reviewer_keys?.has(person) === true);

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** One line a finding, for people. */
export const sayFinding = ({ problem, detail }: LogReport['findings'][number]): string =>
  `${problem}: ${PROBLEMS[problem].says} — ${detail}`;
