/**
 * `countersign demo`: a gateway in a temporary store, a real MCP server behind it, a scripted agent in front, and you as
 * the reviewer. `--yes` answers through the API as a script would, checks what happened, and exits non-zero unless all
 * of it holds; the gateway itself has no auto-approve.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { readArguments, wholeNumber } from '../dispatch/arguments.ts';
import { stopSignal } from '../serve.ts';
import { claudeCommand, clientJson } from '../setup/clients.ts';
import { freePort } from '../setup/free-port.ts';
import { type House, openHouse, quietLog } from '../setup/house.ts';
import { acceptTools, listTools } from '../setup/tools.ts';
import { COMMAND, EXIT, type Io, UsageError, type Verb } from '../verb.ts';
import { startAgent } from './agent.ts';
import { checksOf, gatherEvidence, tellEvidence } from './evidence.ts';
import { tellOverwrite } from './overwrite.ts';
import { startProvider } from './provider.ts';
import { type OwnChannels, readChannels } from './reached/file.ts';
import { servicesOf, tellJoining } from './reached/join.ts';
import type { Checks } from './scene.ts';
import { tellSigned } from './signed/act.ts';
import { giveKey } from './signed/by-script.ts';
import { createSay, type Say, tellReads } from './story.ts';
import { callbackAt, KEYHOLDER, makeWorld, OWNER, REVIEWER, UPSTREAM, urlAt, type World } from './world.ts';

export const verb: Verb = {
  about: 'See it work: a real MCP server, a scripted agent, you review',
  usage: `countersign demo [--yes | --channels FILE] [--port N] [--no-open]

  --yes            a scripted reviewer answers over the API; checks everything, then exits
  --channels FILE  shows its requests in your own Slack, Teams or mail too: a YAML file with the
                   channels of docs/slack.md or docs/teams.md, and public_url where they need one
  --port N         where to listen (default 7070, or a free port if that is taken)
  --no-open        print the console’s address without opening a browser`,
  run: demo,
};

const SAFE = new Set([
  'read_text_file',
  'read_file',
  'list_directory',
  'list_allowed_directories',
  'get_file_info',
  'directory_tree',
  'search_files',
]);

async function demo(args: readonly string[], io: Io): Promise<number> {
  const { yes, port, no_open, channels } = options(args);
  const own = channels === undefined ? undefined : readChannels(channels, io.cwd);
  const say = createSay(io);
  await using open = new AsyncDisposableStack();
  const at = await freePort(port);
  if (own?.public_url !== undefined && at !== port)
    throw new Error(
      `port ${port} is taken, and ${own.public_url} leads to it: free it, or let that lead to another and name it with --port`,
    );
  const public_url = own?.public_url ?? urlAt(at);
  const provider = await startProvider(callbackAt(public_url));
  open.defer(provider.close);
  const world = await makeWorld({ port: at, public_url, provider, channels: own?.section });
  open.defer(() => rm(world.dir, { recursive: true, force: true }));
  const house = await openHouse(
    world.config_file,
    quietLog((line) => io.stderr.write(`${line}\n`)),
    io.env,
  );
  open.defer(house.gateway.close);
  const opens = !no_open && io.stdout.isTTY === true;
  const told = tell({ say, house, world, own, yes, io, open, opens });
  const checks = yes ? await Promise.race([told, late()]) : await told;
  if (checks === LATE) {
    told.catch(() => undefined); // it ends with its agent, and how no longer matters
    say.mark('broken', 'something that should have happened did not, for over a minute.');
    return EXIT.no;
  }
  if (checks === undefined) {
    say.line('Ended: nothing is decided without somebody at the terminal. By script: --yes');
    return EXIT.no;
  }
  if (yes) return verdict(say, checks);
  await keepServing({ say, house, world });
  return EXIT.ok;
}

type Options = {
  readonly yes: boolean;
  readonly port: number;
  readonly no_open: boolean;
  readonly channels: string | undefined;
};

function options(args: readonly string[]): Options {
  const { values } = readArguments(args, {
    options: {
      yes: { type: 'boolean' },
      port: { type: 'string' },
      'no-open': { type: 'boolean' },
      channels: { type: 'string' },
    },
  });
  if (values.yes === true && values.channels !== undefined)
    throw new UsageError(
      '--yes answers by script, so there is nothing to answer in a channel; leave one out',
    );
  return {
    yes: values.yes === true,
    port: wholeNumber('port', values.port, 65_535) ?? 7070,
    no_open: values['no-open'] === true,
    channels: values.channels,
  };
}

/** By script it takes seconds. What was to run and never does must not look like patience. */
const SCRIPT_MS_MAX = 90_000;
const LATE = Symbol('late');
const late = (): Promise<typeof LATE> => sleep(SCRIPT_MS_MAX, LATE, { ref: false });

type Telling = {
  readonly say: Say;
  readonly house: House;
  readonly world: World;
  readonly own: OwnChannels | undefined;
  readonly yes: boolean;
  readonly io: Io;
  readonly opens: boolean;
  /** What must be closed at the end, however it ends. */
  readonly open: AsyncDisposableStack;
};

/** Undefined when nobody is there any more. */
async function tell({ open, opens, ...given }: Telling): Promise<Checks | undefined> {
  const { say, house, world, own, yes, io } = given;
  const { url, vkey } = house.gateway;
  const linkTo = (path: string): Promise<string> => signingIn(given, path);
  const operator = await house.signIn(OWNER);
  await acceptTools(operator, await listTools(operator, { url, upstream: UPSTREAM, key: world.key }), SAFE);
  const reviewer = await house.signIn(REVIEWER);
  await giveKey(await house.signIn(KEYHOLDER), operator, world.public_url);
  const agent = await startAgent(world, url);
  open.defer(agent.close);
  const cards = own === undefined ? undefined : servicesOf(own);
  const scene = { say, io, world, operator, reviewer, agent, yes, linkTo, cards, opens };
  say.line('Countersign, in a temporary folder.');
  say.line('Gateway, MCP server, store and log are real; the agent is a script.');
  if (own !== undefined && !(await tellJoining({ ...scene, own, open }))) return undefined;
  const { allowed, denied } = await tellReads(say, agent);
  const overwrite = await tellOverwrite(scene);
  const signed = overwrite === undefined ? undefined : await tellSigned(scene);
  if (overwrite === undefined || signed === undefined) return undefined;
  const approved = [overwrite.approved, signed.approved].filter((id) => id !== undefined);
  const { signer } = signed;
  const evidence = await gatherEvidence({ client: reviewer, url, vkey, approved, signer });
  tellEvidence(say, evidence);
  return [
    ['the harmless read was allowed', !allowed.is_error],
    ['the secret read was denied', denied.is_error],
    ...overwrite.checks,
    ...signed.checks,
    ...checksOf(evidence, signer),
  ];
}

/** In the demo's temporary world the link may stand on the screen; elsewhere it goes to a file only its reader can open. */
async function signingIn({ house, world }: Pick<Telling, 'house' | 'world'>, to: string): Promise<string> {
  const code = await house.gateway.sessions.issueCode(REVIEWER);
  return `${world.public_url}/sign-in?${new URLSearchParams({ to })}#${code}`;
}

function verdict(say: Say, checks: Checks): number {
  say.line();
  for (const [what, holds] of checks) say.mark(holds ? 'proven' : 'broken', what);
  return checks.every(([, holds]) => holds) ? EXIT.ok : EXIT.no;
}

async function keepServing({ say, house, world }: Pick<Telling, 'say' | 'house' | 'world'>): Promise<void> {
  const setup = { url: world.public_url, upstream: UPSTREAM, key: world.key };
  const link = await house.gateway.links.write(REVIEWER, OWNER);
  say.line();
  say.line('The gateway keeps running. Put your own agent behind it:');
  say.line(`  ${claudeCommand(setup)}`);
  say.line('or, in any MCP client’s configuration:');
  say.line(clientJson(setup));
  say.line('Review what it asks in the console (signs you in as Robin, works once):');
  say.line(`  ${await signingIn({ house, world }, '/')}`);
  say.line('or in another terminal:');
  say.line(`  ${COMMAND} login --link-file ${link?.path ?? ''}`);
  say.line(`  ${COMMAND} requests watch`);
  say.line('Ctrl-C ends it and removes everything.');
  await stopSignal();
}
