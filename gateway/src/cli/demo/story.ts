/** The demo told as it happens: what an agent asks for, and what people decide. Prints; decides nothing. */
import { styleText } from 'node:util';
import { escapeTerminal } from '@countersign/core';
import type { Client } from '@countersign/sdk';
import { widthOf } from '../output.ts';
import { wrapWords } from '../render/text.ts';
import type { Io } from '../verb.ts';
import type { Agent, ToolAnswer } from './agent.ts';
import { AGENT } from './world.ts';

export type Say = {
  line(text?: string): void;
  step(number: number, text: string): void;
  mark(kind: keyof typeof COLOURS, text: string): void;
  dim(text: string): void;
};

const INDENT = 3;
const MARK_COLUMNS = 12;
const COLOURS = {
  allowed: 'green',
  denied: 'red',
  held: 'yellow',
  ran: 'green',
  reached: 'green',
  told: 'green',
  proven: 'green',
  broken: 'red',
  // Who did something, where people act.
  you: 'cyan',
  rita: 'cyan',
  olivia: 'cyan',
} as const;

export function createSay({ stdout, env }: Io): Say {
  const colour = stdout.isTTY === true && env['NO_COLOR'] === undefined;
  const style = (format: Parameters<typeof styleText>[0], text: string): string =>
    colour ? styleText(format, text, { validateStream: false }) : text;
  const width = widthOf({ stdout });
  const line = (text = ''): void => void stdout.write(`${text}\n`);
  const hang = (text: string, indent: number): readonly string[] => wrapWords(text, width - indent);
  return {
    line,
    step: (number, text) => line(`\n${style('bold', `${number}  ${text}`)}`),
    mark: (kind, text) => {
      const [first = '', ...rest] = hang(text, MARK_COLUMNS);
      line(`   ${style(COLOURS[kind], kind.padEnd(8))} ${first}`);
      for (const each of rest) line(' '.repeat(MARK_COLUMNS) + each);
    },
    dim: (text) => {
      for (const each of hang(text, INDENT)) line(' '.repeat(INDENT) + style('dim', each));
    },
  };
}

export async function tellReads(
  say: Say,
  agent: Agent,
): Promise<{ readonly allowed: ToolAnswer; readonly denied: ToolAnswer }> {
  say.step(1, 'The agent reads notes/release.md');
  const allowed = await agent.read('notes/release.md');
  say.mark('allowed', 'by rule read-notes, at once. It got:');
  for (const text of allowed.text.trim().split('\n')) say.dim(escapeTerminal(text));
  say.step(2, 'The agent tries to read secrets/prod.env');
  const denied = await agent.read('secrets/prod.env');
  say.mark('denied', 'by rule no-secrets. The upstream never heard of it. The agent was told:');
  say.dim(escapeTerminal(denied.text));
  return { allowed, denied };
}

const FIND_MS = 10_000;

/** The request the agent's call opened, as soon as a reviewer can see it. */
export async function findRequest(reviewer: Client): Promise<string> {
  const deadline = Date.now() + FIND_MS;
  for (;;) {
    const { items } = await reviewer.requests.list({ status: 'pending', agent: AGENT });
    const [first] = items;
    if (first !== undefined) return first.id;
    if (Date.now() > deadline) throw new Error('the held call never reached its reviewer');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
