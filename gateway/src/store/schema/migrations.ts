import { hash } from 'node:crypto';
import { first } from './0001-first.ts';
import { erasure } from './0002-erasure.ts';
import { agentUses } from './0006-agent-uses.ts';
import { grants } from './0009-grants.ts';
import { brokenGlass } from './0014-broken-glass.ts';
import { policyDrafts } from './0016-policy-drafts.ts';
import { agentPauses } from './0017-agent-pauses.ts';
import { previews } from './0018-previews.ts';
import { cards } from './0019-cards.ts';
import { webhooks } from './0020-webhooks.ts';
import { cardsAside } from './cards/0023-cards-aside.ts';
import { standing } from './cards/0025-standing.ts';
import { history } from './history/0010-history.ts';
import { ruleHits } from './history/0011-rule-hits.ts';
import { looking } from './history/0015-looking.ts';
import { searchHistory } from './history/0021-search-history.ts';
import { changing } from './history/0024-changing.ts';
import type { Migration } from './migration.ts';
import { people } from './people/0003-people.ts';
import { passkeys } from './people/0004-passkeys.ts';
import { duties } from './people/0005-duties.ts';
import { provisioning } from './people/0007-provisioning.ts';
import { authenticated } from './people/0008-authenticated.ts';
import { accountLinks } from './people/0012-account-links.ts';
import { left } from './people/0013-left.ts';
import { ticketing } from './ticketing/0022-ticketing.ts';

/** Every migration this build knows, oldest first. */
export const MIGRATIONS: readonly Migration[] = [
  first,
  erasure,
  people,
  passkeys,
  duties,
  agentUses,
  provisioning,
  authenticated,
  grants,
  history,
  ruleHits,
  accountLinks,
  left,
  brokenGlass,
  looking,
  policyDrafts,
  agentPauses,
  previews,
  cards,
  webhooks,
  searchHistory,
  ticketing,
  cardsAside,
  changing,
  standing,
];

/** What a store remembers of a migration it ran, to notice that the text was edited afterwards. */
export const migrationDigest = (migration: Migration): string =>
  `sha256:${hash('sha256', migration.sql.map((text) => text.replaceAll(/\s+/g, ' ').trim()).join(';\n'))}`;
