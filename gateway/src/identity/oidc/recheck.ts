/**
 * Sessions a provider vouches for are asked about again while they last, where it gave a refresh token: a group lost
 * there is lost here, with whatever waits on it (I8); somebody it no longer knows is signed out. A provider that cannot
 * be reached is asked again soon, and vouches for nobody once it has been silent too long (I14).
 */
import { parseDuration } from '../../config/duration.ts';
import type { Row } from '../../store/store.ts';
import { RECHECKS_MISSED_MAX } from '../session.ts';
import { type FailureReason, SignInFailure } from './failure.ts';
import type { Provider } from './provider/provider.ts';
import { type SignInDeps, takeUp } from './sign-in.ts';

const BATCH_ROWS = 20;
/** After a failure that may pass; also how long another node leaves a session alone that this one asks about. */
const AGAIN_MS = 30_000;

/** Asks about every session that is due. Returns how many were asked about. */
export async function recheckSessions(deps: SignInDeps): Promise<number> {
  const at = deps.now();
  const due = await deps.store.read({
    sql: `SELECT token_hash, person, provider, account, provider_tokens, recheck_at FROM sessions
      WHERE recheck_at <= $1 AND revoked_at IS NULL AND expires_at > $1 ORDER BY recheck_at LIMIT ${BATCH_ROWS}`,
    params: [at],
  });
  const asked = await Promise.all(due.map((row) => recheck(deps, row)));
  return asked.filter(Boolean).length;
}

async function recheck(deps: SignInDeps, row: Row): Promise<boolean> {
  const id = String(row['token_hash']);
  const person = String(row['person']);
  if (!(await claim(deps, id, Number(row['recheck_at'])))) return false;
  const end = (reason: FailureReason): Promise<boolean> => deps.sessions.revoke(id, person, { why: reason });
  const provider = deps.providers.get(String(row['provider']));
  const tokens = deps.seal.open(String(row['provider_tokens']), String(row['account']));
  if (provider === undefined || tokens === undefined) return end('unknown_provider');
  try {
    const known = await provider.refresh(tokens);
    const { outcome, at } = await takeUp(deps, provider, known);
    if ('refused' in outcome) {
      await end(outcome.refused);
      return true;
    }
    // The account is somebody else's by now: this session is not theirs.
    if (outcome.person !== person) {
      await end('inactive');
      return true;
    }
    await keep(deps, id, { provider, tokens: at.tokens });
  } catch (error) {
    if (!(error instanceof SignInFailure)) throw error;
    if (PASSING.has(error.reason)) return true;
    await deps.refusals.record({ reason: error.reason, with: provider.id, person, cause: error.cause });
    await end(error.reason);
  }
  return true;
}

/** What may be otherwise in a minute. Everything else is the provider's word, or none, and ends the session. */
const PASSING: ReadonlySet<FailureReason> = new Set(['unreachable', 'client_refused', 'not_recorded']);

/** A refresh token is used by one at a time: used twice, a provider takes it for stolen. */
async function claim({ store, now }: SignInDeps, id: string, recheck_at: number): Promise<boolean> {
  const sql =
    'UPDATE sessions SET recheck_at = $3 WHERE token_hash = $1 AND recheck_at = $2 AND revoked_at IS NULL';
  const params = [id, recheck_at, now() + AGAIN_MS];
  const steps = [{ name: 'claim', sql, params, rows: 1 }];
  return (await store.commit({ name: 'recheck-session', steps, entries: [] })).ok;
}

async function keep(
  { store, now }: SignInDeps,
  id: string,
  { provider, tokens }: { readonly provider: Provider; readonly tokens: string },
): Promise<void> {
  const every = parseDuration(provider.config.recheck) ?? 0;
  const at = now();
  const sql =
    'UPDATE sessions SET provider_tokens = $2, recheck_at = $3, recheck_by = $4 WHERE token_hash = $1 AND revoked_at IS NULL';
  const params = [id, tokens, at + every, at + every * RECHECKS_MISSED_MAX];
  await store.commit({
    name: 'session-rechecked',
    steps: [{ name: 'keep', sql, params, rows: 'any' }],
    entries: [],
  });
}
