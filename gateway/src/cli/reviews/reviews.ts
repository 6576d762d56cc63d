/** `countersign reviews`: whether people really signed what the log says they did. */
import { createReadStream } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { escapeTerminal, isJsonObject, type JsonObject, parseJson } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import { everyItem } from '@countersign/sdk';
import { createFindings, type ReviewerKey } from '../../audit/verify/report.ts';
import { ReviewSignatures } from '../../audit/verify/signatures.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { group } from '../dispatch/group.ts';
import { writeJson } from '../output.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { REVIEWER_KEY_USAGE, readPins } from './reviewer-keys.ts';

const verify: Verb = {
  about: 'Check what reviewers’ passkeys signed, against the keys',
  usage: `countersign reviews verify FILE [--reviewer-key PERSON=DIGEST]... [--json]
       countersign reviews verify --request ID [--reviewer-key PERSON=DIGEST]... [--json] [--url URL]

  FILE             a whole export of the log (countersign log export); nothing else is asked
  --request ID     the reviews of one request, and the keys, from the gateway
${REVIEWER_KEY_USAGE}

Without --reviewer-key it takes the log’s word for whose the keys are. It checks signatures, not the log: for that there is
countersign log verify. Exit code 0: every signature holds; 1: one does not, or there is none.`,
  run,
};

const OPTIONS = {
  request: { type: 'string' },
  'reviewer-key': { type: 'string', multiple: true },
  json: { type: 'boolean' },
  url: { type: 'string' },
} as const;

/** One entry: what `log export` writes a line of. */
type Entry = { readonly kind: string; readonly leaf_index: number; readonly predicate: JsonObject };

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['FILE?'] });
  const [file] = given;
  if ((file === undefined) === (values.request === undefined))
    throw new UsageError('give either FILE, an export of the log, or --request ID');
  const findings = createFindings();
  const signatures = new ReviewSignatures(findings, readPins(values['reviewer-key']));
  const entries =
    file === undefined
      ? ofRequest(await openClient(io, values), values.request ?? '')
      : ofFile(path.resolve(io.cwd, file));
  for await (const { kind, leaf_index: index, predicate } of entries) {
    if (kind === 'reviewer-key') signatures.changed(predicate, index);
    else if (
      (kind === 'review' && predicate['counted'] === true) ||
      (kind === 'break-glass' && predicate['change'] === 'broken')
    )
      signatures.reviewed(predicate, { index, policy_digest: undefined });
  }
  const found = {
    ok: findings.total() === 0 && signatures.verified > 0,
    verified: signatures.verified,
    keys: signatures.keys,
    findings: findings.list,
  };
  if (values.json === true) writeJson(io, found);
  else io.stdout.write(text(found));
  return found.ok ? EXIT.ok : EXIT.no;
}

type Found = {
  readonly verified: number;
  readonly keys: readonly ReviewerKey[];
  readonly findings: readonly { readonly detail: string }[];
};

function text({ verified, keys, findings }: Found): string {
  const count = `${verified} ${verified === 1 ? 'review is' : 'reviews are'} signed, and every signature holds`;
  const head =
    verified === 0 && findings.length === 0
      ? 'No signed review in it.'
      : `${count}${findings.length === 0 ? '.' : ', but:'}`;
  const wrong = findings.map(({ detail }) => `  ✗ ${escapeTerminal(detail)}`);
  const whose = keys.map(
    ({ person, key_digest, confirmed_by }) =>
      `  ${escapeTerminal(person)} ${escapeTerminal(key_digest)}, confirmed by ${escapeTerminal(confirmed_by)}`,
  );
  return `${[head, ...wrong, ...(whose.length === 0 ? [] : ['', 'By these keys:', ...whose])].join('\n')}\n`;
}

async function* ofFile(file: string): AsyncGenerator<Entry> {
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  for await (const line of lines) if (line !== '') yield entryOf(parseJson(line) as JsonObject);
}

/** Keys first: what happened to each, in order, then the reviews, which name keys by what they were then. */
async function* ofRequest(client: Client, request: string): AsyncGenerator<Entry> {
  const reviews = [
    ...(await detailsOf(client, { request, kind: 'review' })),
    ...(await detailsOf(client, { request, kind: 'break-glass' })),
  ];
  const signed = reviews.map(({ predicate }) => predicate['signed']).filter(isJsonObject);
  const keys = await Promise.all(
    [...new Set(signed.map((each) => String(each['key'])))].map((key) =>
      detailsOf(client, { resource: key, kind: 'reviewer-key' }),
    ),
  );
  yield* [...reviews, ...keys.flat()].sort((a, b) => a.leaf_index - b.leaf_index);
}

async function detailsOf(
  client: Client,
  filter: { readonly request?: string; readonly resource?: string; readonly kind: string },
): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  for await (const { event_id } of everyItem((paging) => client.log.lookUp({ ...filter, ...paging })))
    found.push(entryOf((await client.log.entry(event_id)) as unknown as JsonObject));
  return found;
}

function entryOf(entry: JsonObject): Entry {
  const { kind, leaf_index, statement } = entry;
  const predicate = isJsonObject(statement) ? statement['predicate'] : undefined;
  if (typeof kind !== 'string' || typeof leaf_index !== 'number' || !isJsonObject(predicate))
    throw new UsageError('FILE: a line is no entry of the log; give what countersign log export wrote');
  return { kind, leaf_index, predicate };
}

export const verb = group('reviews', 'Check what reviewers’ passkeys signed', { verify });
