/** The business counters, declared once with their closed label sets, and the port events count through. */
import type { Meter } from '../events.ts';
import { type Counter, type Histogram, type Labels, type Metrics, SECONDS_BUCKETS } from './metrics.ts';

const COUNTERS: { readonly [name: string]: { readonly help: string; readonly labels: readonly string[] } } = {
  countersign_refusals_total: { help: 'Actions refused, by reason.', labels: ['upstream', 'reason'] },
  countersign_no_passkey_total: {
    help: 'Actions refused because nobody who may review them has the passkey the policy asks for.',
    labels: ['upstream'],
  },
  countersign_calls_over_rate_total: {
    help: 'Calls refused because their agent made more than its calls_per_minute.',
    labels: [],
  },
  countersign_tokens_refused_total: {
    help: 'Workload tokens that were not taken, by cause.',
    labels: ['code'],
  },
  countersign_held_total: { help: 'Actions held for review.', labels: ['upstream'] },
  countersign_executions_total: {
    help: 'Actions permitted, and whether people approved them.',
    labels: ['upstream', 'reviewed'],
  },
  countersign_execution_results_total: { help: 'How executions ended.', labels: ['upstream', 'status'] },
  countersign_reviews_total: {
    help: 'Answers people gave, and whether they counted.',
    labels: ['decision', 'counted', 'channel'],
  },
  countersign_break_glass_total: {
    help: 'Glass broken, refused to be broken, acknowledged, and closed after a review.',
    labels: ['change'],
  },
  countersign_ticketing_total: {
    help: 'What ticket systems did: comments, refusals and answers handed over; taken, late, refused, or over the limit.',
    labels: ['system', 'act', 'outcome'],
  },
  countersign_webhook_notices_total: {
    help: 'Tries to tell a place something: taken, in vain and tried again, or in vain for the last time.',
    labels: ['place', 'outcome'],
  },
  countersign_previews_asked_total: {
    help: 'Previews that were wanted: by the gateway for a request that opened, or by a reviewer once more.',
    labels: ['by'],
  },
  countersign_previews_total: { help: 'How previews that were wanted ended.', labels: ['outcome'] },
  countersign_pauses_total: { help: 'Agents paused, and resumed.', labels: ['change'] },
  countersign_resolutions_total: { help: 'How access requests ended.', labels: ['upstream', 'status'] },
};

const HISTOGRAMS: {
  readonly [name: string]: {
    readonly help: string;
    readonly labels: readonly string[];
    readonly buckets: readonly number[];
  };
} = {
  countersign_execution_seconds: {
    help: 'Time an execution took.',
    labels: ['upstream'],
    buckets: SECONDS_BUCKETS,
  },
  countersign_preview_seconds: {
    help: 'Time from wanting a preview to its end.',
    labels: ['outcome'],
    buckets: SECONDS_BUCKETS,
  },
  countersign_decision_seconds: {
    help: 'Time from opening an access request to its end.',
    labels: ['status'],
    buckets: [1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400],
  },
};

/** @throws TypeError for a metric not declared above: a programming error */
export function createMeter(metrics: Metrics): Meter {
  const counters = new Map<string, Counter>();
  const histograms = new Map<string, Histogram>();
  for (const [name, declared] of Object.entries(COUNTERS))
    counters.set(name, metrics.counter({ name, ...declared }));
  for (const [name, declared] of Object.entries(HISTOGRAMS))
    histograms.set(name, metrics.histogram({ name, ...declared }));
  return {
    count: (name, labels: Labels = {}) => declared(counters, name).add(labels),
    observe: (name, value, labels: Labels = {}) => declared(histograms, name).observe(value, labels),
  };
}

function declared<T>(registry: ReadonlyMap<string, T>, name: string): T {
  const found = registry.get(name);
  if (found === undefined) throw new TypeError(`metric ${name} is not declared`);
  return found;
}
