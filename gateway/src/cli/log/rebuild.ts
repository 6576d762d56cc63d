/** `countersign log rebuild`: writes lost files of the log anew. Only a person can know that no newer store was ever used. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Held, type LostLog, withLostLog } from '../../audit/rebuild.ts';
import { loadConfig, logOrigin } from '../../config/config.ts';
import { readArguments } from '../dispatch/arguments.ts';
import { folded, writeJson } from '../output.ts';
import { instant } from '../render/time.ts';
import { canAsk, confirmed } from '../requests/prompt.ts';
import { CONFIG_FILE } from '../serve.ts';
import { EXIT, type Io, UsageError, type Verb } from '../verb.ts';

export const rebuild: Verb = {
  about: 'Write lost files of the log anew (on the gateway’s host)',
  usage: `countersign log rebuild [--config FILE] [--older FILE] [--yes] [--json]

  --older FILE   a checkpoint kept elsewhere (log verify --keep, a copy of log/): refused unless this
                 store holds exactly what it was signed over. The newer, the better: it tells
                 nothing of what came after it
  --yes          do not ask

For a store that signed a log of which no checkpoint is left: serve refuses to start. If only the folder
log/ was lost, this writes it anew. If the store is a backup that was put back, do not: what
happened since is missing, and auditors who kept a checkpoint would find the log cut or forked.
The gateway must be stopped; run it as its user. That it was done is an entry of the log.
Exit code 1: nothing is lost, the checkpoint speaks against this store, or you said no.`,
  run,
};

async function run(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, {
    options: {
      config: { type: 'string' },
      older: { type: 'string' },
      yes: { type: 'boolean' },
      json: { type: 'boolean' },
    },
  });
  const asks = values.yes !== true;
  if (asks && (!canAsk(io) || values.json === true))
    throw new UsageError('without a terminal to ask on, --yes must say that this store is the newest');
  const file = path.resolve(io.cwd, values.config ?? CONFIG_FILE);
  const config = loadConfig(file);
  const older =
    values.older === undefined ? undefined : await readFile(path.resolve(io.cwd, values.older), 'utf8');
  const data_dir = path.resolve(path.dirname(file), config.store.sqlite);
  const confirm = asks ? (lost: LostLog, held?: Same) => agreed(lost, held, io) : async () => true;
  const outcome = await withLostLog({ data_dir, origin: logOrigin(config) }, (lost) =>
    lost === undefined ? Promise.resolve(NOTHING) : rebuilt(lost, older, confirm),
  );
  if (values.json === true) writeJson(io, outcome);
  else
    say(
      io,
      outcome.rebuilt
        ? `Written anew and signed: ${outcome.entries} entries. The newest says that it was done.`
        : outcome.why,
    );
  return outcome.rebuilt ? EXIT.ok : EXIT.no;
}

type Same = Extract<Held, { kind: 'same' }>;
type Outcome =
  | { readonly rebuilt: true; readonly entries: number; readonly signed: number; readonly held_to?: number }
  | { readonly rebuilt: false; readonly why: string };

const NOTHING: Outcome = {
  rebuilt: false,
  why: 'Nothing is lost: the log that is published goes with this store. Nothing was changed.',
};

async function rebuilt(
  lost: LostLog,
  older: string | undefined,
  confirm: (lost: LostLog, held?: Same) => Promise<boolean>,
): Promise<Outcome> {
  const held = older === undefined ? undefined : await lost.heldTo(older);
  if (held !== undefined && held.kind !== 'same') return { rebuilt: false, why: AGAINST[held.kind] };
  if (!(await confirm(lost, held))) return { rebuilt: false, why: 'Nothing was written.' };
  const entries = await lost.rebuild(held);
  const signed = lost.last.size;
  return { rebuilt: true, entries, signed, ...(held === undefined ? {} : { held_to: held.size }) };
}

const AGAINST: { readonly [kind in Exclude<Held['kind'], 'same'>]: string } = {
  newer:
    'That checkpoint has more entries than this store: the store is an older copy. Put the newest back; if it is lost, begin a new log: an empty data folder and another log.origin.',
  forked:
    'That checkpoint was signed over another history than this store holds. Do not go on from this store.',
  'not-of-this-log':
    'That file is no checkpoint of this log. Give the one that log verify --keep wrote, or the file “checkpoint” of a copy of log/.',
};

const say = (io: Io, text: string): void => void io.stdout.write(`${folded(text, io).join('\n')}\n`);

/** On what a yes rests stands above the question. */
async function agreed({ last, entries }: LostLog, held: Same | undefined, io: Io): Promise<boolean> {
  say(
    io,
    `This store has ${entries} entries. The last checkpoint it signed covers ${last.size}, on ${instant(last.signed_at)}.`,
  );
  say(
    io,
    held === undefined
      ? 'It was held to nothing kept elsewhere (--older).'
      : `Its first ${held.size} are those the checkpoint was signed over. Of what came after them, here or elsewhere, that says nothing.`,
  );
  return confirmed(io, 'Is it the newest there is, and no backup put back?');
}
