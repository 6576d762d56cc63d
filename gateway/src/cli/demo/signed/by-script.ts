/**
 * The last act by script, over HTTP as a browser does it: sign in at the provider's page, follow its redirects, enrol a
 * passkey, have it confirmed, sign the document of the review. Each step that must be refused is tried, and counted.
 */
import path from 'node:path';
import { encodeBase64Url, reviewChallenge } from '@countersign/core';
import { type Client, createClient, ProblemError, type RequestDetail } from '@countersign/sdk';
import { fingerprint } from '../../passkeys/passkeys.ts';
import { REVIEWERS_GROUP, STAFF_GROUP } from '../provider-page.ts';
import type { Checks, Signer, Signing } from '../scene.ts';
import { exists, NOTE, PROVIDER, type World } from '../world.ts';
import { type Authenticator, createAuthenticator } from './authenticator.ts';
import { type Browser, createBrowser } from './browser.ts';

type Scripted = { readonly signer: Signer; readonly checks: Checks };

export async function signByScript(signing: Signing): Promise<Scripted> {
  const { say, world, operator, request_id } = signing;
  const browser = createBrowser(world.public_url);
  const rita = createClient({ url: world.public_url, fetch: browser.fetch });
  const seen = async (): Promise<RequestDetail> => rita.requests.show(request_id);

  await signIn({ browser, rita, world }, STAFF_GROUP);
  const without = (await seen()).eligibility;
  say.mark('rita', `signs in; her token says ${STAFF_GROUP}: she may not review this.`);
  await signIn({ browser, rita, world }, REVIEWERS_GROUP);
  const detail = await seen();
  say.mark('rita', `signs in again; it now also says ${REVIEWERS_GROUP}: she may.`);

  const unsigned = await refusal(
    rita.requests.review(request_id, { decision: 'approved', ...shown(detail) }),
  );
  say.mark('denied', 'her answer by session alone: this rule wants her passkey.');

  const { id: person } = await rita.me();
  const authenticator = createAuthenticator(world.public_url);
  const pending = await enrol(rita, authenticator);
  const early = await refusal(askSignature(rita, detail, authenticator));
  say.mark('rita', `makes a passkey: ${fingerprint(authenticator)}`);
  await operator.passkeys.confirm(pending, authenticator.key_digest);
  say.mark('olivia', 'confirms it. (A script; people compare fingerprints first.)');

  const waited = await exists(path.join(world.files, NOTE));
  await sign(rita, detail, authenticator);
  say.mark('rita', 'signs exactly what she was shown, and her decision.');
  return {
    signer: { person, key_digests: [authenticator.key_digest] },
    checks: [
      [
        'without the group in her token, Rita could not review',
        !without.eligible && without.why === 'no_seat',
      ],
      ['with the group in her token, she could', detail.eligibility.eligible],
      ['her session alone was refused', unsigned === 'proof_too_weak'],
      ['a passkey nobody confirmed was refused', early !== undefined],
      ['nothing moved before she signed', waited],
    ],
  };
}

type Arriving = { readonly browser: Browser; readonly rita: Client; readonly world: World };

/** The button on the sign-in page, then the one at the provider's. */
async function signIn({ browser, rita, world }: Arriving, as: string): Promise<void> {
  const begun = await browser.fetch(`${world.public_url}/api/sign-in/providers/${PROVIDER}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{}',
  });
  if (!begun.ok) throw new Error(`the gateway began no sign-in: ${await begun.text()}`);
  const { url } = (await begun.json()) as { readonly url: string };
  const page = await (await browser.goTo(url)).text();
  const [, flow] = /name="flow" value="([\w-]+)"/.exec(page) ?? [];
  if (flow === undefined) throw new Error(`the provider showed no choice: ${page}`);
  const landed = await browser.goTo(`${new URL(url).origin}/authorize`, {
    method: 'POST',
    body: new URLSearchParams({ flow, as }),
  });
  if (!landed.ok) throw new Error(`nobody was signed in: ${await landed.text()}`);
  await rita.me(); // the new session's token for changes
}

const shown = ({ action_digest, rendered_digest }: RequestDetail) => ({ action_digest, rendered_digest });

/** The kind of problem it ended in; undefined when it was done. */
async function refusal(asked: Promise<unknown>): Promise<string | undefined> {
  try {
    await asked;
    return undefined;
  } catch (error) {
    if (error instanceof ProblemError) return error.kind;
    throw error;
  }
}

/** Somebody who may review has a passkey already: what wants one is held for people, and not refused at once. */
export async function giveKey(holder: Client, operator: Client, public_url: string): Promise<void> {
  const authenticator = createAuthenticator(public_url);
  await operator.passkeys.confirm(await enrol(holder, authenticator), authenticator.key_digest);
}

/** The key's id, pending. */
async function enrol(rita: Client, authenticator: Authenticator): Promise<string> {
  const { challenge } = await rita.passkeys.askEnrol();
  const { id } = await rita.passkeys.enrol({ name: 'A script’s', ...authenticator.create(challenge) });
  return id;
}

const REASON = 'The release is out.';

const askSignature = (rita: Client, detail: RequestDetail, { credential_id }: Authenticator) =>
  rita.requests.askSignature(detail.id, {
    decision: 'approved',
    reason: REASON,
    ...shown(detail),
    credential_id,
  });

/** Signs the document only if it is about this; the challenge is made of it, here, and of nothing else (WYSIWYS). */
async function sign(rita: Client, detail: RequestDetail, authenticator: Authenticator): Promise<void> {
  const { document } = await askSignature(rita, detail, authenticator);
  const { task_id, decision, action_digest, credential_id } = document;
  const same =
    task_id === detail.id &&
    decision === 'approved' &&
    action_digest === detail.action_digest &&
    credential_id === authenticator.credential_id;
  if (!same) throw new Error('the gateway asked for a signature over something else');
  const signature = authenticator.get(encodeBase64Url(reviewChallenge(document)));
  await rita.requests.review(detail.id, {
    decision,
    reason: REASON,
    ...shown(detail),
    signature,
  });
}
