// Vendors' rules from secretlint, taken one by one. Never its comment filter: with it, text that begins
// "secretlint-disable" would switch every rule off, and the text is an upstream's. Its engine is not used: rules are
// called directly and synchronously, only when a literal of theirs occurs.
//
// The ranges rules report are not trusted: some begin at a variable's name but are as long as the value alone, which
// leaves the value's tail in place. Each message carries the value it is about; that is what is looked up and masked.
import { rules } from '@secretlint/secretlint-rule-preset-recommend';
import type { Hit } from '../detector.ts';
import type { Pattern } from './pattern.ts';

type Rule = (typeof rules)[number];
type Context = Parameters<Rule['create']>[0];
type Handler = ReturnType<Rule['create']>;
type Source = Parameters<NonNullable<Handler['file']>>[0];

type Taken = { readonly label: string; readonly anchors: readonly string[] };

/** Rule id → what a finding is called, and literals one of which is in everything the rule can find. */
export const TAKEN: { readonly [rule: string]: Taken } = {
  '1password': { label: 'onepassword-token', anchors: ['ops_'] },
  anthropic: { label: 'anthropic-key', anchors: ['sk-ant-'] },
  aws: { label: 'aws-secret-access-key', anchors: ['secret'] },
  cloudflare: { label: 'cloudflare-token', anchors: ['cfk_', 'cfut_', 'cfat_'] },
  databricks: { label: 'databricks-token', anchors: ['dapi'] },
  docker: { label: 'docker-token', anchors: ['dckr_pat_'] },
  github: { label: 'github-token', anchors: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'] },
  grafana: { label: 'grafana-token', anchors: ['glc_', 'glsa_'] },
  groq: { label: 'groq-key', anchors: ['gsk_'] },
  'hashicorp-vault': { label: 'vault-token', anchors: ['hvs.', 'hvb.', 'hvr.'] },
  huggingface: { label: 'huggingface-token', anchors: ['hf_'] },
  notion: { label: 'notion-token', anchors: ['ntn_'] },
  npm: { label: 'npm-token', anchors: ['npm_', 'x-oauth-basic'] },
  openai: { label: 'openai-key', anchors: ['T3BlbkFJ'] },
  privatekey: { label: 'private-key', anchors: ['PRIVATE KEY'] },
  sendgrid: { label: 'sendgrid-key', anchors: ['SG.'] },
  shopify: { label: 'shopify-token', anchors: ['shppa_', 'shpca_', 'shpat_', 'shpss_'] },
  slack: {
    label: 'slack-token',
    anchors: ['xoxb', 'xoxp', 'xapp', 'xoxa', 'xoxo', 'xoxr', 'hooks.slack.com'],
  },
  stripe: { label: 'stripe-key', anchors: ['sk_live', 'sk_test', 'rk_live', 'rk_test'] },
  tailscale: { label: 'tailscale-key', anchors: ['tskey-'] },
  vercel: { label: 'vercel-token', anchors: ['vcp_', 'vci_', 'vca_', 'vcr_', 'vck_'] },
};

/** Rules left out, and why. A rule in neither list fails the test, so that an upgrade is decided by a person. */
export const LEFT_OUT: { readonly [rule: string]: string } = {
  'filter-comments': 'lets the text switch detection off',
  gcp: 'looks at files on disk, never at text',
  figma: 'our figma-token finds all it finds, in less time',
  gitlab: 'our gitlab-token finds all it finds, in less time',
  linear: 'our linear-key finds all it finds, in less time',
  basicauth: 'our url-credentials find all it finds and mask the password only',
  'database-connection-string': 'our url-credentials find all it finds and mask the password only',
};

/** A rule may report the rest of a line. */
export const SECRETLINT_CHARS_MAX = 24_576;
/** How far before one of its literals a rule's finding may begin. */
const BEFORE_ANCHOR = 512;
const VALUE_CHARS_MIN = 8;

export function nameOf(rule: Rule): string {
  return rule.meta.id.replace('@secretlint/secretlint-rule-', '');
}

/** One pattern a rule taken. */
export const SECRETLINT_PATTERNS: readonly Pattern[] = rules.flatMap((rule) => {
  const taken = TAKEN[nameOf(rule)];
  return taken === undefined ? [] : [patternOf(rule, taken)];
});

export function patternOf(rule: Rule, { label, anchors }: Taken): Pattern {
  let hits: Hit[] = [];
  let content = '';
  const handler = rule.create(
    contextFor((value, range) => hits.push({ ...rangeOf(content, value, range), kind: 'secret', label })),
    {},
  );
  return {
    label,
    kind: 'secret',
    anchors,
    *find(text, anchored) {
      for (const { start, end } of around(anchored, text.length)) {
        hits = [];
        content = text.slice(start, end);
        const pending = handler.file?.(sourceOf(content));
        content = '';
        // A rule that has become asynchronous would report too late: better to fail the whole text (fail closed).
        if (pending !== undefined) throw new TypeError(`secretlint rule ${label} is not synchronous`);
        for (const hit of hits) yield { ...hit, start: hit.start + start, end: hit.end + start };
      }
    },
  };
}

type Stretch = { readonly start: number; end: number };

/** The parts of a text a rule can find anything in: rules read all they are given, several times. */
function around(anchored: readonly number[], length: number): readonly Stretch[] {
  const parts: Stretch[] = [];
  for (const anchor of anchored) {
    const end = Math.min(length, anchor + SECRETLINT_CHARS_MAX);
    const last = parts.at(-1);
    if (last !== undefined && anchor - BEFORE_ANCHOR <= last.end) last.end = end;
    else parts.push({ start: Math.max(0, anchor - BEFORE_ANCHOR), end });
  }
  return parts;
}

type Report = (values: readonly string[], range: readonly [number, number]) => void;

function contextFor(report: Report): Context {
  return {
    sharedOptions: {},
    createTranslator: () => (messageId, props) => ({
      message: '',
      messageId: String(messageId),
      data: props,
    }),
    report({ message, range }) {
      const props: object = typeof message.data === 'object' && message.data !== null ? message.data : {};
      report(
        Object.values(props).filter((value) => typeof value === 'string'),
        range,
      );
    },
    ignore() {
      // Nothing the text says may take a finding back.
    },
  };
}

/** Where the reported value really is; the reported range when the message carries none. */
function rangeOf(
  content: string,
  values: readonly string[],
  [from, to]: readonly [number, number],
): { start: number; end: number } {
  for (const value of values) {
    const start = value.length >= VALUE_CHARS_MIN ? content.indexOf(value, from) : -1;
    if (start >= 0) return { start, end: start + value.length };
  }
  return { start: from, end: to };
}

function sourceOf(content: string): Source {
  const unused = (): never => {
    throw new TypeError('positions are not kept');
  };
  return {
    content,
    hasBOM: false,
    filePath: undefined,
    physicalFilePath: undefined,
    contentType: 'text',
    ext: '.txt',
    getFilePath: () => undefined,
    getPhysicalFilePath: () => undefined,
    locationToRange: unused,
    rangeToLocation: unused,
    positionToIndex: unused,
    indexToPosition: unused,
  };
}
