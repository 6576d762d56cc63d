/** How agents come in: by key, or by a workload token of an issuer the configuration trusts. Put together here; decided in `enforce` and `identity`. */
import type { AdmitAccess } from '../api/access/access.ts';
import type { Deps } from '../deps.ts';
import { createAdmit } from '../enforce/admit.ts';
import { createTokenDoor } from '../enforce/token-door.ts';
import { createUses } from '../identity/uses.ts';
import { createProofs, PROOF_ALGORITHMS } from '../identity/workload/proofs.ts';
import { keySource } from '../identity/workload/source.ts';
import { createTokens } from '../identity/workload/tokens.ts';
import type { WayOut } from '../outgoing/way.ts';
import { startRepeating } from '../repeat.ts';

const USES_EVERY_MS = 60_000;

export type AgentDoor = {
  readonly admit: AdmitAccess;
  /** Where a caller may get tokens, and how it may prove that one is its own. */
  authorization(): { readonly servers: readonly string[]; readonly proof_algorithms: readonly string[] };
  /** Writes when agents last came in, as far as it is known here. */
  noteUses(): Promise<void>;
  close(): Promise<void>;
};

export function openAgentDoor(
  deps: Deps,
  { tenant, base_dir, way }: { readonly tenant: string; readonly base_dir: string; readonly way: WayOut },
): AgentDoor {
  const { authority, public_url, now, log, events } = deps;
  const tokens = createTokens({
    tenant,
    public_url,
    moment: authority.current,
    now,
    log,
    source: ({ config }) => keySource(config, base_dir, way),
  });
  // Not waited for: an issuer that is away now refuses its own tokens, and no key's.
  void tokens.refreshKeys();
  const uses = createUses(deps.store);
  const stopNoting = startRepeating({
    every_ms: USES_EVERY_MS,
    run: uses.flush,
    failed: (error) => log.warn({ error: String(error) }, 'when agents last came in could not be written'),
  });
  return {
    admit: createAdmit(deps, tenant, {
      tokens: createTokenDoor({ tokens, proofs: createProofs(now), events }),
      used: uses.note,
    }),
    authorization: () => ({
      servers: authority
        .current()
        .agents.workloads.issuers.flatMap(({ config }) =>
          config.authorization_server ? [config.issuer] : [],
        ),
      proof_algorithms: PROOF_ALGORITHMS,
    }),
    noteUses: uses.flush,
    async close() {
      tokens.close();
      await stopNoting();
      // What is lost here is a minute of what people are shown.
      await uses.flush().catch((error: unknown) => log.warn({ error: String(error) }, 'last uses were lost'));
    },
  };
}
