// One request, and the answer to it. What is shown is drawn from what came, checked against its digest, and signed as
// shown. Nothing is sent before a button is pressed (A16).
// @ts-check
import { INELIGIBLE } from '/pages/core/review/eligibility.js';
import { drawAction, drawFacts } from './draw.js';
import { element, get, onPress, part, post, sendToSignIn, shown, start, whoAmI } from './gateway.js';
import { canSign, signAnswer } from './sign.js';

/** @typedef {import('@countersign/sdk').RequestDetail} RequestDetail */
/** @typedef {import('@countersign/sdk').Passkey} Passkey */
/** @typedef {{ readonly me: import('@countersign/sdk').Me, detail: RequestDetail, readonly keys: readonly Passkey[] }} Reviewing */

// The id comes from this page's own address, which the gateway has already matched against its pattern.
const id = location.pathname.split('/').at(-1) ?? '';
const path = `/api/requests/${encodeURIComponent(id)}`;

const approve = /** @type {HTMLButtonElement} */ (part('approve'));
const deny = /** @type {HTMLButtonElement} */ (part('deny'));
const reason = /** @type {HTMLTextAreaElement} */ (part('reason'));
const key = /** @type {HTMLSelectElement} */ (part('key'));
const reveal = /** @type {HTMLButtonElement} */ (part('reveal'));
const must = /** @type {HTMLInputElement} */ (part('must'));

/** @param {Reviewing} reviewing */
function offer({ detail, keys }) {
  drawFacts(detail);
  const blocked = drawAction(detail);
  const open = detail.status === 'pending' && detail.eligibility.eligible;
  part('blocked').hidden = blocked === undefined;
  part('blocked').textContent = blocked === undefined ? '' : `No approval from this view. ${blocked}`;
  part('answer').hidden = !open;
  part('revealing').hidden = !open || detail.revealed || detail.redactions.length === 0;
  if (!detail.eligibility.eligible && detail.status === 'pending')
    sayOutcome(`You may not review this: ${INELIGIBLE[detail.eligibility.why]}.`);
  const needed = detail.proof_needed ?? 'session';
  const signs = canSign() && keys.length > 0;
  const stuck = needed === 'passkey' && !signs;
  approve.disabled = stuck || blocked !== undefined;
  approve.hidden = blocked !== undefined;
  deny.disabled = stuck;
  const how = signs ? ' with passkey' : '';
  approve.textContent = `Approve${how}`;
  deny.textContent = `Deny${how}`;
  part('which').hidden = !signs || keys.length < 2;
  key.replaceChildren(
    ...keys.map(({ credential_id, name }) => {
      const option = element('option', shown(name));
      option.value = credential_id;
      return option;
    }),
  );
  part('how').replaceChildren(...explanation({ needed, signs }));
}

/** @param {{ readonly needed: string, readonly signs: boolean }} given */
function explanation({ needed, signs }) {
  if (signs)
    return [
      'Your passkey signs exactly what is shown above, your decision and your reason. Both answers are final.',
    ];
  const link = element('a', 'Your passkeys');
  link.href = '/passkeys';
  if (needed !== 'passkey') return ['Your answer is final. A passkey would sign it: ', link, '.'];
  if (!canSign()) return ['This rule asks for a passkey, and this browser cannot use one on this page.'];
  return [
    'This rule asks for an answer signed with a passkey, and you have none that is confirmed: ',
    link,
    '.',
  ];
}

/** @param {Reviewing} reviewing @param {'approved' | 'denied'} decision */
async function answer(reviewing, decision) {
  const { me, detail, keys } = reviewing;
  const why = reason.value.trim();
  const said = why === '' ? { decision } : { decision, reason: why };
  const { action_digest, rendered_digest } = detail;
  const signs = canSign() && keys.length > 0;
  const signed = signs
    ? await signAnswer({ detail, answer: said, person: me.id, credential_id: key.value })
    : undefined;
  const proof = signed === undefined ? {} : { signature: signed.signature };
  const result = await post(`${path}/reviews`, { ...said, action_digest, rendered_digest, ...proof });
  sayOutcome(outcomeText(decision, result));
  if (signed !== undefined) {
    part('document').textContent = JSON.stringify(signed.document, undefined, 2);
    part('signed').hidden = false;
  }
  reviewing.detail = await get(path);
  offer(reviewing);
  part('answer').hidden = true;
  sayOutcome(outcomeText(decision, result));
}

/** @param {string} decision @param {import('@countersign/sdk').ReviewResult} result */
function outcomeText(decision, { status, quorum }) {
  if (status === 'denied') return 'Denied. It will not run.';
  if (status === 'approved') return 'Approved. It runs when the agent asks for it again.';
  return `Your answer (${decision}) is recorded; ${quorum.filled} of ${quorum.needed} so far.`;
}

/** On the record first, then shown to this person alone; what is signed is then what they see. @param {Reviewing} reviewing */
async function revealTo(reviewing) {
  const why = must.value.trim();
  if (why === '') throw new Error('Say why you must see it: it goes on the record.');
  await post(`${path}/reveal`, { reason: why });
  reviewing.detail = await get(path);
  offer(reviewing);
}

/** @param {string} text */
function sayOutcome(text) {
  part('outcome').textContent = text;
  part('outcome').hidden = false;
}

// Come back to from the page of passkeys: a key may count now that did not before.
addEventListener('pageshow', ({ persisted }) => {
  if (persisted) location.reload();
});

await start(async () => {
  part('command').textContent = `countersign requests show ${id}`;
  const me = await whoAmI();
  if (me === undefined) {
    sendToSignIn();
    return;
  }
  const found = await get(path).catch((error) => {
    if (error.kind === 'not_found') return undefined;
    throw error;
  });
  if (found === undefined) {
    part('gone').hidden = false;
    return;
  }
  /** @type {readonly Passkey[]} */
  const all = (await get('/api/passkeys')).items;
  const keys = all
    .filter(({ person, status }) => person === me.id && status === 'active')
    .toSorted((a, b) => (b.last_used_at ?? 0) - (a.last_used_at ?? 0));
  /** @type {Reviewing} */
  const reviewing = { me, detail: found, keys };
  offer(reviewing);
  part('request').hidden = false;
  onPress(approve, () => answer(reviewing, 'approved'));
  onPress(deny, () => answer(reviewing, 'denied'));
  onPress(reveal, () => revealTo(reviewing));
});
