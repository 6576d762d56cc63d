/** How agents come in: by key, or by a workload token of an issuer the configuration trusts. Put together here; decided in `enforce` and `identity`. */
import type { AdmitAccess } from './api/access/access.ts';
import type { Deps } from './deps.ts';
import { createAdmit } from './enforce/admit.ts';
import { createTokenDoor } from './enforce/token-door.ts';
import { createProofs, PROOF_ALGORITHMS } from './identity/workload/proofs.ts';
import { keySource } from './identity/workload/source.ts';
import { createTokens } from './identity/workload/tokens.ts';
import type { ProtocolParts } from './protocols/index.ts';

export type AgentDoor = {
  readonly admit: AdmitAccess;
  readonly authorization: ProtocolParts['authorization'];
  close(): void;
};

export function openAgentDoor(
  deps: Deps,
  { tenant, base_dir }: { readonly tenant: string; readonly base_dir: string },
): AgentDoor {
  const { authority, public_url, now, log, events } = deps;
  const tokens = createTokens({
    tenant,
    public_url,
    moment: authority.current,
    now,
    log,
    source: ({ config }) => keySource(config, base_dir),
  });
  // Not waited for: an issuer that is away now refuses its own tokens, and no key's.
  void tokens.refreshKeys();
  return {
    admit: createAdmit(deps, tenant, {
      tokens: createTokenDoor({ tokens, proofs: createProofs(now), events }),
    }),
    authorization: () => ({
      servers: authority
        .current()
        .agents.workloads.issuers.flatMap(({ config }) =>
          config.authorization_server ? [config.issuer] : [],
        ),
      proof_algorithms: PROOF_ALGORITHMS,
    }),
    close: tokens.close,
  };
}
