/** What `init` must know, from options or asked at the terminal. */
import { createInterface } from 'node:readline/promises';
import { readArguments } from '../dispatch/arguments.ts';
import { type Io, UsageError } from '../verb.ts';

export type Person = { readonly id: string; readonly name: string };
export type Upstream =
  | { readonly id: string; readonly url: string }
  | { readonly id: string; readonly command: readonly string[] };

export type Answers = {
  readonly dir: string;
  readonly owner: Person;
  /** Empty: a one-person team. */
  readonly reviewers: readonly Person[];
  readonly agent: string;
  readonly upstreams: readonly Upstream[];
  readonly env: string;
  /** Tools that may run freely, `upstream:tool`; undefined: ask, or none without a terminal. */
  readonly safe: readonly string[] | undefined;
  /** Take the servers' own word for which tools only read. */
  readonly safe_by_hints: boolean;
};

const OPTIONS = {
  owner: { type: 'string' },
  reviewer: { type: 'string', multiple: true },
  agent: { type: 'string' },
  upstream: { type: 'string', multiple: true },
  env: { type: 'string' },
  safe: { type: 'string', multiple: true },
  'safe-by-hints': { type: 'boolean' },
} as const;

const ID = /^[a-z0-9][a-z0-9_.-]{0,63}$/;

export async function readAnswers(args: readonly string[], io: Io): Promise<Answers> {
  const { values, given } = readArguments(args, { options: OPTIONS, arguments: ['DIR?'] });
  const asks = io.stdin.isTTY === true && io.stdout.isTTY === true;
  const ask = async (question: string, otherwise: string): Promise<string> => {
    if (!asks) return otherwise;
    const lines = createInterface({ input: io.stdin, output: io.stdout });
    const answer = (
      await lines.question(otherwise === '' ? `${question}: ` : `${question} [${otherwise}]: `)
    ).trim();
    lines.close();
    return answer === '' ? otherwise : answer;
  };
  const user = idOf(io.env['USER'] ?? 'owner');
  const owner = person(
    values.owner ?? (await ask('Who owns the agent and operates the gateway? (id or id=Name)', user)),
  );
  const reviewers = values.reviewer ?? [
    await ask(
      'Who else reviews what it asks for? Nobody reviews their own agent (id or id=Name, empty for nobody)',
      '',
    ),
  ];
  const agent = values.agent ?? (await ask('What is the agent called?', 'agent'));
  const upstreams = values.upstream ?? [
    await ask('Which MCP server does it use? (NAME=URL or NAME=COMMAND, empty for later)', ''),
  ];
  if (!ID.test(agent)) throw new UsageError(`--agent ${agent}: use a–z, 0–9, "_", "." and "-"`);
  return {
    dir: given[0] ?? '.',
    owner,
    reviewers: reviewers
      .filter((each) => each !== '')
      .map(person)
      .filter(({ id }) => id !== owner.id),
    agent,
    upstreams: upstreams.filter((each) => each !== '').map(upstream),
    env: values.env ?? 'dev',
    safe: values.safe ?? (values['safe-by-hints'] === true || asks ? undefined : []),
    safe_by_hints: values['safe-by-hints'] ?? false,
  };
}

function person(text: string): Person {
  const [id = '', name] = text.split('=', 2);
  if (!ID.test(id))
    throw new UsageError(
      `${JSON.stringify(text)}: a person is ID or ID=Name; an id has a–z, 0–9, "_", "." and "-"`,
    );
  return { id, name: name ?? id.charAt(0).toUpperCase() + id.slice(1) };
}

const idOf = (user: string): string => {
  const id = user
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '');
  return ID.test(id) ? id : 'owner';
};

function upstream(text: string): Upstream {
  const at = text.indexOf('=');
  const id = text.slice(0, Math.max(at, 0));
  const rest = text.slice(at + 1).trim();
  if (at < 1 || !ID.test(id) || rest === '')
    throw new UsageError(`${JSON.stringify(text)}: an upstream is NAME=URL or NAME=COMMAND with arguments`);
  if (/^https?:\/\//.test(rest)) return { id, url: rest };
  return { id, command: rest.split(/\s+/) };
}
