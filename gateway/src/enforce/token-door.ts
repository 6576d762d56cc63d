/**
 * Workload tokens at the door: verified or known, for this resource, with the scopes it takes, and with the proof it is
 * bound to. What is not taken is told to the operator with its cause, and to the caller without it.
 */
import type { AccessAdmission } from '../api/access/access.ts';
import type { Events } from '../events.ts';
import type { Proofs } from '../identity/workload/proofs.ts';
import { type RefusalCode, refusal, WorkloadRefusal } from '../identity/workload/refusal.ts';
import type { Admitted, Tokens } from '../identity/workload/tokens.ts';
import { createRateLimit } from '../limits/rate.ts';
import type { Shown } from '../protocols/protocol.ts';

type Enter = (admitted: Admitted) => AccessAdmission;
export type TokenDoor = (
  token: string,
  shown: Shown | undefined,
  enter: Enter,
) => AccessAdmission | Promise<AccessAdmission>;

export type TokenDoorOptions = {
  readonly tokens: Tokens;
  readonly proofs: Proofs;
  readonly events: Pick<Events, 'tokenRefused'>;
  readonly ticks?: () => number;
};

/** Lines a cause and issuer may write: strangers must not be able to fill the log (A21). All are counted. */
const LINES = { burst: 10, per_second: 0.2, keys_max: 1_000 };
const PROOF: ReadonlySet<RefusalCode> = new Set<RefusalCode>([
  'proof_missing',
  'proof_wrong',
  'proof_replayed',
  'proofs_full',
]);

export function createTokenDoor({
  tokens,
  proofs,
  events,
  ticks = () => performance.now(),
}: TokenDoorOptions): TokenDoor {
  const lines = createRateLimit(LINES, ticks);
  const refused = (error: unknown): AccessAdmission => {
    if (!(error instanceof WorkloadRefusal)) throw error;
    const { code, issuer } = error;
    events.tokenRefused({
      code,
      issuer,
      why: error.message,
      silent: lines.take(`${code}\n${issuer ?? ''}`) > 0,
    });
    return { admitted: false, reason: PROOF.has(code) ? 'proof_refused' : 'token_refused' };
  };
  const through = (admitted: Admitted, shown: Shown | undefined, enter: Enter): AccessAdmission => {
    const { resources, scopes } = admitted.verified;
    const { issuer } = admitted.verified.issuer.config;
    if (resources !== 'all' && !(shown !== undefined && resources.has(shown.url)))
      throw refusal('wrong_audience', issuer);
    const entered = enter(admitted);
    if (!entered.admitted || shown?.scopes?.every((scope) => scopes.has(scope)) !== false) return entered;
    return { admitted: false, reason: 'insufficient_scope' };
  };
  const later = async (token: string, shown: Shown | undefined, enter: Enter): Promise<AccessAdmission> => {
    try {
      const admitted = tokens.known(token) ?? (await tokens.admit(token));
      await proofs.check(admitted, shown);
      return through(admitted, shown, enter);
    } catch (error) {
      return refused(error);
    }
  };
  return (token, shown, enter) => {
    const known = shown?.scheme === 'dpop' ? undefined : tokens.known(token);
    if (known === undefined || needsProof(known)) return later(token, shown, enter);
    try {
      return through(known, shown, enter);
    } catch (error) {
      return refused(error);
    }
  };
}

const needsProof = ({ verified }: Admitted): boolean =>
  verified.jkt !== undefined || verified.issuer.config.dpop === 'required';
