/** `countersign policy coverage`: every rule, how often it decided, and when last. */
import type { PolicyCoverage, RuleCoverage } from '@countersign/sdk';
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { lookOf, writeJson } from '../output.ts';
import { ago, instant } from '../render/time.ts';
import { openClient } from '../session.ts';
import { type Column, table } from '../table.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { SINCE_USAGE, sinceOf } from './since.ts';

export const coverage: Verb = {
  about: 'Show how often each rule decided, and which never did',
  usage: `countersign policy coverage [--since SINCE] [--json] [--url URL]

  ${SINCE_USAGE} (default 30d)

A rule that matched and was outranked by a stricter one decided nothing. Rules are counted by
their id, whatever they said then. A dry-run rule never decides: policy simulate counts it.`,
  async run(args, io) {
    const { values } = readArguments(args, { options: { ...CLIENT_OPTIONS, since: { type: 'string' } } });
    const now = Date.now();
    const since = sinceOf(values.since, now);
    const client = await openClient(io, values);
    const shown = await client.policy.coverage(since === undefined ? {} : { since });
    if (values.json === true) writeJson(io, shown);
    else print(shown, io, now);
    return EXIT.ok;
  },
};

type Row = Pick<RuleCoverage, 'rule' | 'allowed' | 'asked' | 'reviewed' | 'refused' | 'last_hit'> &
  Partial<Pick<RuleCoverage, 'file' | 'line' | 'dry_run'>>;

const hits = ({ allowed, asked, reviewed, refused }: Row): number => allowed + asked + reviewed + refused;
const number = (title: string, count: (row: Row) => number): Column<Row> => ({
  title,
  cell: (row) => String(count(row)),
  align: 'right',
  style: (row) => (count(row) === 0 ? 'dim' : 'plain'),
});

const columnsAt = (now: number): readonly Column<Row>[] => [
  { title: 'rule', cell: ({ rule }) => rule, yields: true },
  number('allowed', ({ allowed }) => allowed),
  number('asked', ({ asked }) => asked),
  number('reviewed', ({ reviewed }) => reviewed),
  number('refused', ({ refused }) => refused),
  {
    title: 'last',
    cell: ({ last_hit, dry_run }) =>
      last_hit === undefined ? (dry_run === true ? 'dry run' : 'never') : ago(last_hit, now),
    style: (row) => (row.last_hit === undefined && row.dry_run !== true ? 'alarm' : 'plain'),
  },
  {
    title: 'where',
    cell: ({ file, line }) => (file === undefined ? 'not in force' : `${file}:${line}`),
    yields: true,
  },
];

function print({ since, rules, others, complete, until }: PolicyCoverage, io: Io, now: number): void {
  const columns = columnsAt(now);
  io.stdout.write(
    table<Row>([...rules, ...others], { columns, none: 'The policy has no rule.' }, lookOf(io)),
  );
  const silent = rules.filter((rule) => hits(rule) === 0 && !rule.dry_run).length;
  io.stdout.write(
    `\nSince ${instant(since)}: ${silent === 0 ? 'every rule decided' : `${silent} of ${rules.length} rules decided nothing`}.\n`,
  );
  if (!complete) io.stdout.write(`Counted until ${instant(until)} so far; ask again for the rest.\n`);
}
