/**
 * One story in which the gateway writes everything it ever writes. Without a fault every chapter ends well and every
 * command of the table is used; with one, callers go on as callers do, and what must hold is checked afterwards.
 */
import { countRuleHits } from '../../../gateway/src/audit/read/rule-hits.ts';
import { recoverExecutions } from '../../../gateway/src/executions/recover.ts';
import { StoreUnavailable } from '../../../gateway/src/store/store.ts';
import { insist, type World } from '../world.ts';
import { authorityChapters, opening } from './authority.ts';
import { shownElsewhere, toldTogether } from './channels.ts';
import type { Chapter } from './chapter.ts';
import { glassBroken } from './glass.ts';
import { lookedThrough, wordsMoved } from './history.ts';
import { twoOperators } from './operators.ts';
import { keyComesAndGoes } from './passkeys.ts';
import { providerVouches } from './providers.ts';
import { requestChapters } from './requests.ts';
import { lookedAt } from './shown/previews.ts';
import { ticketed } from './shown/tickets.ts';
import { toldElsewhere } from './webhooks.ts';

const sealed: Chapter = async ({ audit, rig, outside }) => {
  const reader = audit.readerFor(rig.deps);
  await insist(async () => {
    for await (const _ of reader.export({}, 'eve'));
  });
  await audit.flush();
  await insist(() => countRuleHits(rig.deps.store, 100));
  await audit.flush(); // a pass that met a fault is made again by the next
  const note = await audit.publicFile('/log/checkpoint');
  if (note !== undefined) outside.tell({ said: 'checkpoint', note: Buffer.from(note.body).toString('utf8') });
};

/** Something runs while the gateway stops: its outcome is unknown, and nobody runs it again. */
const cutShort: Chapter = async (world) => {
  const verdict = await world.call('read_file', { path: '/cut-short' });
  if (verdict.kind === 'permitted')
    world.outside.reached({ hit: 'read_file', execution_id: verdict.permit.execution_id, approved: false });
  await insist(() => recoverExecutions(world.rig.deps));
};

const CHAPTERS: readonly Chapter[] = [
  ...opening,
  ...requestChapters,
  lookedAt,
  ticketed,
  ...authorityChapters,
  keyComesAndGoes,
  glassBroken,
  twoOperators,
  cutShort,
  providerVouches,
  shownElsewhere,
  toldTogether,
  toldElsewhere,
  sealed,
  lookedThrough,
  wordsMoved,
];

/** Tells the story; resolves to how many chapters a fault cut short. */
export async function tell(world: World): Promise<number> {
  let cut = 0;
  for (const chapter of CHAPTERS) {
    try {
      await chapter(world);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      cut += 1;
    }
  }
  return cut;
}

/** Every call the story makes, made again by agents that never heard of a crash. */
export const CALLS: readonly (readonly [tool: string, args: { readonly [name: string]: string | number }])[] =
  [
    ['read_file', { path: '/a' }],
    ['read_file', { path: '/cut-short' }],
    ['shell', { command: 'rm -rf /' }],
    ['drop_table', { table: 'orders' }],
    ['twice', { n: 1 }],
    ['smash', { n: 1 }],
    ...[
      '/denied',
      '/withdrawn',
      '/previewed',
      '/revoked',
      '/erased',
      '/expires',
      '/approval-expires',
      '/over-http',
      '/under-tomorrow',
      '/shown-elsewhere',
      '/waits-elsewhere',
      '/alike',
      '/alike-too',
      '/told-elsewhere',
      '/ticket-stopped',
      '/ticket-relayed',
    ].map((path) => ['write_file', { path }] as const),
  ];
