// A person's passkeys: making one, and for operators confirming other people's. The private key never leaves its
// authenticator; what goes to the gateway is the public one.
// @ts-check
import { decodeBase64Url } from '/pages/core/encoding/base64.js';
import { element, get, onPress, part, post, sendToSignIn, shown, start, when, whoAmI } from './gateway.js';
import { canSign, text } from './sign.js';

/** @typedef {import('@countersign/sdk').Passkey} Passkey */
/** @typedef {import('@countersign/sdk').Me} Me */
/** @typedef {import('@countersign/sdk').EnrolOptions} EnrolOptions */

const name = /** @type {HTMLInputElement} */ (part('name'));
const enrol = /** @type {HTMLButtonElement} */ (part('enrol'));

/** @param {Me} me */
async function refresh(me) {
  /** @type {readonly Passkey[]} */
  const keys = (await get('/api/passkeys')).items;
  const own = keys.filter(({ person }) => person === me.id);
  const theirs = keys.filter(({ person, status }) => person !== me.id && status !== 'revoked');
  part('own').replaceChildren(...own.map((key) => row(me, key)));
  part('theirs').replaceChildren(...theirs.map((key) => row(me, key)));
  part('others').hidden = theirs.length === 0;
}

async function make() {
  /** @type {EnrolOptions} */
  const options = await post('/api/passkeys/challenge');
  const made = await navigator.credentials.create({ publicKey: creation(options) });
  const credential = /** @type {PublicKeyCredential | null} */ (made);
  if (credential === null) throw new Error('The browser made no passkey.');
  const response = /** @type {AuthenticatorAttestationResponse} */ (credential.response);
  await post('/api/passkeys', {
    name: name.value.trim() || 'A passkey',
    credential_id: text(credential.rawId),
    client_data: text(response.clientDataJSON),
    attestation_object: text(response.attestationObject),
    transports: response.getTransports(),
  });
}

/**
 * @param {EnrolOptions} options
 * @returns {PublicKeyCredentialCreationOptions}
 */
function creation({ challenge, user, excludeCredentials, pubKeyCredParams, rp, ...rest }) {
  return {
    ...rest,
    rp: { ...rp },
    challenge: decodeBase64Url(challenge),
    user: { ...user, id: decodeBase64Url(user.id) },
    pubKeyCredParams: [...pubKeyCredParams],
    excludeCredentials: excludeCredentials.map(({ type, id }) => ({ type, id: decodeBase64Url(id) })),
  };
}

/** @param {Me} me @param {Passkey} key */
function row(me, key) {
  const item = element('li');
  const head = element('p', '', 'key');
  const title = key.person === me.id ? shown(key.name) : `${shown(key.person_name)}: ${shown(key.name)}`;
  head.append(element('strong', title), ' ', element('span', key.status, `badge ${key.status}`));
  item.append(
    head,
    element('code', fingerprint(key), 'fingerprint'),
    element('p', stateOf(key, me), 'small'),
  );
  item.append(...actionsOf(me, key));
  return item;
}

/** The first half, in groups: 128 bits, which nobody makes a second key for. @param {Passkey} key */
const fingerprint = ({ key_digest }) =>
  (key_digest.slice('sha256:'.length, 'sha256:'.length + 32).match(/.{4}/g) ?? []).join(' ');

/** @param {Passkey} key @param {Me} me */
function stateOf(key, me) {
  const made = `Made ${when(key.enrolled_at)}.`;
  if (key.status === 'revoked')
    return `${made} Revoked by ${shown(key.revoked_by ?? '')}, ${when(key.revoked_at ?? 0)}.`;
  if (key.status === 'active') {
    const used = key.last_used_at === undefined ? 'Not used yet.' : `Last used ${when(key.last_used_at)}.`;
    return `${made} Confirmed by ${shown(key.confirmed_by ?? '')}. ${used}`;
  }
  if (key.confirmable_by.length === 0)
    return `${made} Nobody can confirm it: there is no other operator. Give a second person the role operator.`;
  const who = key.confirmable_by.map(shown).join(' or ');
  return key.person === me.id ? `${made} Read this fingerprint to ${who}, who can confirm it.` : made;
}

/** @param {Me} me @param {Passkey} key @returns {readonly HTMLElement[]} */
function actionsOf(me, key) {
  const path = `/api/passkeys/${encodeURIComponent(key.id)}`;
  const found = [];
  if (key.status === 'pending' && key.confirmable_by.includes(me.id)) {
    const confirm = element('button', 'The fingerprint is the same: confirm');
    press(confirm, me, () => post(`${path}/confirm`, { key_digest: key.key_digest }));
    found.push(confirm);
  }
  if (key.status !== 'revoked' && (key.person === me.id || me.roles.includes('operator'))) {
    const revoke = element('button', 'Revoke', 'quiet');
    press(revoke, me, () => post(`${path}/revoke`));
    found.push(revoke);
  }
  return found;
}

/** @param {HTMLButtonElement} button @param {Me} me @param {() => Promise<unknown>} run */
function press(button, me, run) {
  button.type = 'button';
  onPress(button, async () => {
    await run();
    await refresh(me);
  });
}

await start(async () => {
  const me = await whoAmI();
  if (me === undefined) {
    sendToSignIn();
    return;
  }
  await refresh(me);
  part('passkeys').hidden = false;
  part('cannot').hidden = canSign();
  enrol.disabled = !canSign();
  onPress(enrol, async () => {
    await make();
    await refresh(me);
  });
});
