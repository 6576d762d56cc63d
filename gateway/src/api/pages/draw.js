// Draws a request: the action through core's own lines, as the command line does, and the digest of exactly what is
// drawn. Nothing of it is ever set as HTML.
// @ts-check
import { formatLine, renderJson } from '/pages/core/display/lines.js';
import { encodeHex } from '/pages/core/encoding/hex.js';
import { canonicalBytes } from '/pages/core/json/canonical.js';
import { sha256 } from '/pages/core/sha256/browser.js';
import { element, part, shown, when } from './gateway.js';

/** @typedef {import('@countersign/sdk').RequestDetail} RequestDetail */
/** @typedef {import('@countersign/core').Json} Json */

const LINES_MAX = 50_000;
const CHARS_MAX = 4_000_000;
const INDENT_MAX = 12;

/** SHA-256 of the canonical form of what is drawn. @param {RequestDetail} detail */
export function digestOfDrawn({ shown_action, redactions }) {
  const drawn = /** @type {Json} */ (/** @type {unknown} */ ({ shown_action, redactions }));
  return `sha256:${encodeHex(sha256(canonicalBytes(drawn)))}`;
}

/**
 * The action, line for line. Answers why nobody can approve from this page, if so (I6, A4).
 * @param {RequestDetail} detail
 * @returns {string | undefined}
 */
export function drawAction(detail) {
  const rendering = renderJson(inReadingOrder(detail.shown_action), {
    redactions: Map.groupBy(detail.redactions, ({ pointer }) => pointer),
    lines_max: LINES_MAX,
    chars_max: CHARS_MAX,
  });
  part('action').replaceChildren(...rendering.lines.map(row));
  const { findings_total } = rendering;
  part('look').hidden = findings_total === 0;
  const places = findings_total === 1 ? 'One place could' : `${findings_total} places could`;
  part('look').textContent =
    `${places} mislead the eye: invisible, reordering or look-alike characters. Each is written out above as \\u{…}, on a marked line.`;
  const why = !rendering.complete ? 'This page cannot show the whole action.' : wrongDigest(detail);
  return detail.approvable.ok ? why : shown(detail.approvable.why);
}

/** @param {RequestDetail} detail */
const wrongDigest = (detail) =>
  digestOfDrawn(detail) === detail.rendered_digest
    ? undefined
    : 'What was received is not what its digest names. Do not trust this page.';

/** @param {import('@countersign/core').Line} line */
function row(line) {
  const item = element('li', formatLine({ ...line, indent: 0 }), line.findings.length > 0 ? 'flagged' : '');
  item.style.setProperty('--indent', String(Math.min(line.indent, INDENT_MAX)));
  return item;
}

/**
 * What is done first, who and where for last: the same members, so the same action.
 * @param {import('@countersign/core').JsonObject} action
 */
function inReadingOrder(action) {
  const order = ['action', 'resource', 'context', 'subject', 'act'];
  /** @param {string} name */
  const rank = (name) => (order.includes(name) ? order.indexOf(name) : order.length);
  // Entries, not assignments: a member called `__proto__` stays a member (A6).
  return Object.fromEntries(Object.entries(action).sort(([a], [b]) => rank(a) - rank(b)));
}

/**
 * Who passed the work on, last first (RFC 8693); the agent itself stands above.
 * @param {RequestDetail['principal']['act']} act
 * @param {string} agent
 * @returns {[string, string][]}
 */
function through(act, agent) {
  const names = [];
  for (let link = act; link !== undefined; link = link.act)
    if (link.sub !== agent) names.push(shown(link.sub));
  return names.length === 0 ? [] : [['Through', names.join(' ← ')]];
}

/** @param {RequestDetail} detail */
export function drawFacts(detail) {
  part('status').textContent = detail.status;
  part('risk').textContent = detail.risk;
  part('sentence').textContent = detail.sentence;
  const { quorum, owner } = detail;
  const facts = [
    ['Agent', owner === null ? shown(detail.agent) : `${shown(detail.agent)}, owned by ${shown(owner)}`],
    ...(detail.subject === detail.agent ? [] : [['In the name of', shown(detail.subject)]]),
    ...through(detail.principal.act, detail.agent),
    ['Where', `${shown(detail.upstream)} (${shown(detail.env)})`],
    ['Rule', detail.rules.map(shown).join(', ')],
    ['Answers', `${quorum.filled} of ${quorum.needed} approvals`],
    [
      detail.status === 'pending' ? 'Open until' : 'Over since',
      when(detail.resolved_at ?? detail.expires_at),
    ],
  ];
  part('facts').replaceChildren(
    ...facts.flatMap(([name, value]) => [element('dt', name), element('dd', value)]),
  );
  part('claimed').hidden = detail.claim === undefined;
  part('claim').textContent = shown(detail.claim ?? '');
  part('answers').hidden = detail.reviews.length === 0;
  part('reviews').replaceChildren(...detail.reviews.map(reviewRow));
}

/** @param {import('@countersign/sdk').ShownReview} review */
function reviewRow({ name, decision, reason, signed, counts, reviewed_at }) {
  const how = signed === true ? ', signed with a passkey' : '';
  const still = counts ? '' : ', no longer counted';
  const why = reason === undefined ? '' : `: ${shown(reason)}`;
  return element('li', `${shown(name)} ${decision} it${how}${still}, ${when(reviewed_at)}${why}`);
}
