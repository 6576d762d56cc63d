/**
 * What a bench is: a function that measures, beside a baseline of the same run, and reports. The goals stand here once;
 * a bench may report less than a goal asks, never leave one out. Nothing here measures, and no test times anything.
 */
import { fileURLToPath } from 'node:url';

export type Goal = {
  readonly bench:
    | 'policy'
    | 'call'
    | 'audit'
    | 'verify'
    | 'held'
    | 'approval'
    | 'mask'
    | 'eligibility'
    | 'passkey'
    | 'identity'
    | 'console/page'
    | 'console/open'
    | 'console/scroll'
    | 'lists/pages'
    | 'channels/slack'
    | 'channels/teams';
  readonly says: string;
  readonly at: 'least' | 'most';
  readonly want: number;
  readonly unit: string;
};

export const GOALS = {
  policy_100: { bench: 'policy', says: 'Decisions at 100 rules', at: 'least', want: 100_000, unit: '/s' },
  policy_1000: { bench: 'policy', says: 'Decisions at 1,000 rules', at: 'least', want: 10_000, unit: '/s' },
  call_added: {
    bench: 'call',
    says: 'Allowed MCP call, permit durable: added at the median, one client',
    at: 'most',
    want: 0.7,
    unit: ' ms',
  },
  call_rate: {
    bench: 'call',
    says: 'Allowed MCP calls at 8 clients, of the direct rate to an SDK-built upstream',
    at: 'least',
    want: 0.7,
    unit: '×',
  },
  call_cpu: {
    bench: 'call',
    says: 'CPU of the gateway’s main thread, an allowed call',
    at: 'most',
    want: 300,
    unit: ' µs',
  },
  audit_rate: {
    bench: 'audit',
    says: 'Signed entries sealed and fsynced, 64 in flight',
    at: 'least',
    want: 15_000,
    unit: '/s',
  },
  verify_tree: {
    bench: 'verify',
    says: 'Verifying the tree, entries',
    at: 'least',
    want: 100_000,
    unit: '/s',
  },
  verify_signed: {
    bench: 'verify',
    says: 'Verifying with signatures, entries a core',
    at: 'least',
    want: 10_000,
    unit: '/s',
  },
  verify_memory: {
    bench: 'verify',
    says: 'Memory flat: most live heap while verifying the log, above what it was before',
    at: 'most',
    want: 16,
    unit: ' MB',
  },
  held_memory: {
    bench: 'held',
    says: '2,000 calls held in one process: its whole memory (RSS)',
    at: 'most',
    want: 200,
    unit: ' MB',
  },
  eligibility: {
    bench: 'eligibility',
    says: 'May this person review this: 500 people, 50 absences, 2 stages',
    at: 'most',
    want: 20,
    unit: ' µs',
  },
  token_cached: {
    bench: 'identity',
    says: 'Knowing who calls by a workload token verified before, through the door',
    at: 'most',
    want: 100,
    unit: ' µs',
  },
  approval_delay: {
    bench: 'approval',
    says: 'From sending the approval to the upstream having the request, median',
    at: 'most',
    want: 10,
    unit: ' ms',
  },
  passkey_check: {
    bench: 'passkey',
    says: 'A signed review checked anew before an approval is used: the slowest algorithm',
    at: 'most',
    want: 2,
    unit: ' ms',
  },
  lists_requests: {
    bench: 'lists/pages',
    says: 'A page of requests among 100,000, the slowest filter, median',
    at: 'most',
    want: 25,
    unit: ' ms',
  },
  lists_calls: {
    bench: 'lists/pages',
    says: 'A page of calls among 100,000, the slowest filter or search, median',
    at: 'most',
    want: 25,
    unit: ' ms',
  },
  lists_follow: {
    bench: 'lists/pages',
    says: 'Main thread for one call to be in the history, in its own time',
    at: 'most',
    want: 250,
    unit: ' µs',
  },
  consoles_memory: {
    bench: 'console/open',
    says: '1,000 open consoles on one gateway: memory more',
    at: 'most',
    want: 200,
    unit: ' MB',
  },
  consoles_news: {
    bench: 'console/open',
    says: 'From a call that will be held to the last of 1,000 consoles hearing of it, median',
    at: 'most',
    want: 300,
    unit: ' ms',
  },
  mask_ordinary: {
    bench: 'mask',
    says: 'Masking ordinary text: the slowest of prose, code, JSON and logs',
    at: 'least',
    want: 50,
    unit: ' MB/s',
  },
  mask_hostile: {
    bench: 'mask',
    says: 'Masking text made to be slow: the slowest of 27 kinds',
    at: 'least',
    want: 10,
    unit: ' MB/s',
  },
  console_script: {
    bench: 'console/page',
    says: 'Script of the console’s first view, gzipped',
    at: 'most',
    want: 200,
    unit: ' KB',
  },
  console_usable: {
    bench: 'console/page',
    says: 'The console’s inbox can be used, nothing kept by the browser',
    at: 'most',
    want: 1000,
    unit: ' ms',
  },
  console_news: {
    bench: 'console/page',
    says: 'From a request’s opening to its row in an open inbox',
    at: 'most',
    want: 300,
    unit: ' ms',
  },
  scroll_input: {
    bench: 'console/scroll',
    says: 'A list of 100,000 requests scrolled by wheel, key and bar: the longest an input waited',
    at: 'most',
    want: 100,
    unit: ' ms',
  },
  scroll_frame: {
    bench: 'console/scroll',
    says: 'A list of 100,000 requests scrolled: the longest between two frames',
    at: 'most',
    want: 150,
    unit: ' ms',
  },
  scroll_blank: {
    bench: 'console/scroll',
    says: 'A list of 100,000 requests scrolled: the longest without rows where it arrived',
    at: 'most',
    want: 100,
    unit: ' ms',
  },
  slack_posted: {
    bench: 'channels/slack',
    says: 'Request opened to its card in Slack, at the median',
    at: 'most',
    want: 1_000,
    unit: ' ms',
  },
  slack_clicked: {
    bench: 'channels/slack',
    says: 'Click in Slack acknowledged, the slowest of 100',
    at: 'most',
    want: 300,
    unit: ' ms',
  },
  slack_lost: {
    bench: 'channels/slack',
    says: 'Cards lost of 1,000 opened within a minute, at Slack’s rates',
    at: 'most',
    want: 0,
    unit: ' cards',
  },
  teams_posted: {
    bench: 'channels/teams',
    says: 'Request opened to its card in Teams, at the median',
    at: 'most',
    want: 1_000,
    unit: ' ms',
  },
  teams_clicked: {
    bench: 'channels/teams',
    says: 'Press in Teams recorded and answered, the slowest of 60',
    at: 'most',
    want: 300,
    unit: ' ms',
  },
  teams_lost: {
    bench: 'channels/teams',
    says: 'Cards lost of 1,000 opened within a minute, at Teams’ rates',
    at: 'most',
    want: 0,
    unit: ' cards',
  },
} as const satisfies { readonly [id: string]: Goal };

export type GoalId = keyof typeof GOALS;

export type Measured = {
  readonly goal: GoalId;
  readonly got: number;
  /** Measured in the same run; what the ratio is of. */
  readonly baseline: { readonly name: string; readonly value: number; readonly unit: string };
  /** Of the measured value to the baseline. */
  readonly ratio: number;
};

export type Report = {
  readonly measured: readonly Measured[];
  /** What else a reader wants to know, as it should be read. */
  readonly also: readonly (readonly [name: string, value: string])[];
};

export type BenchOptions = {
  /** Only to see that it runs: the numbers mean nothing. */
  readonly quick: boolean;
};

export type Bench = (options: BenchOptions) => Promise<Report>;

export function isMet({ goal, got }: Measured): boolean {
  const { at, want } = GOALS[goal];
  return at === 'least' ? got >= want : got <= want;
}

export function shown(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}${unit}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

function print({ measured, also }: Report): void {
  for (const each of measured) {
    const { says, want, unit, at } = GOALS[each.goal];
    const { baseline } = each;
    console.log(
      `${isMet(each) ? 'met    ' : 'NOT MET'}  ${says}: ${shown(each.got, unit)} (at ${at} ${shown(want, unit)}); ` +
        `${baseline.name} ${shown(baseline.value, baseline.unit)}, ratio ${shown(each.ratio, '')}`,
    );
  }
  for (const [name, value] of also) console.log(`         ${name}: ${value}`);
}

/** Runs the bench when its file is the command: `[--json] [--quick]`. Exits 1 when a goal is not met. */
export async function runAlone(url: string, bench: Bench): Promise<void> {
  if (process.argv[1] !== fileURLToPath(url)) return;
  const quick = process.argv.includes('--quick');
  const report = await bench({ quick });
  if (process.argv.includes('--json')) console.log(JSON.stringify(report));
  else print(report);
  process.exitCode = quick || report.measured.every(isMet) ? 0 : 1;
}
