/**
 * An upstream the gateway starts: one process for one session of one agent, with only the configured environment and,
 * if named, another system user (DESIGN §8). Messages are lines. Ids and progress tokens are the gateway's own on this
 * side, so that no two calls can be confused. What it prints on stderr goes, bounded, to the log and nowhere else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { isJsonObject, type JsonObject, member } from '@countersign/core';
import type { UpstreamCredentials } from '../../protocol.ts';
import type { McpStdioConfig } from '../config.ts';
import {
  type Message,
  type Notification,
  type Request,
  type Response,
  type RpcId,
  writeMessage,
} from '../wire/message.ts';
import type { Hangup } from '../wire/reply.ts';
import { Inbox } from './inbox.ts';
import { LineReader } from './lines.ts';
import {
  type Ending,
  isUnreadable,
  type Link,
  type Listener,
  type Outgoing,
  patienceFor,
  readIncoming,
} from './link.ts';
import { resolveUser } from './user.ts';

const DEPTH_MAX = 128;
/** Where programs are looked up unless `env.PATH` is configured: beside the gateway's own Node, and the system's. */
const SYSTEM = process.platform === 'win32' ? [] : ['/usr/local/bin', '/usr/bin', '/bin'];
const PROGRAMS = [path.dirname(process.execPath), ...SYSTEM].join(path.delimiter);
const KILL_AFTER_MS = 3_000;
const STDERR_LINES_MAX = 200;
const UNSENT_BYTES_MAX = 64 * 1024 * 1024;

export type StdioOptions = {
  readonly config: McpStdioConfig;
  readonly env: { readonly [name: string]: string };
  /** One line the process wrote to stderr, as it wrote it: what it says may hold secrets. */
  readonly onStderr: (line: string) => void;
  /** Told how each question ended. */
  readonly onEnding?: (ending: Ending) => void;
};

export class StdioLink implements Link {
  readonly #process: ChildProcess;
  readonly #config: McpStdioConfig;
  readonly #env: { readonly [name: string]: string };
  readonly #inbox = new Inbox((message) => this.#send(message));
  readonly #closers: (() => void)[] = [];
  readonly #onEnding: (ending: Ending) => void;
  #next_id = 1;
  #notice: (method: string) => void = () => undefined;
  closed = false;

  constructor({ config, env, onStderr, onEnding = () => undefined }: StdioOptions) {
    this.#config = config;
    this.#env = env;
    this.#onEnding = onEnding;
    const [program = '', ...args] = config.command;
    this.#process = spawn(program, args, {
      env: { PATH: PROGRAMS, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Its own process group, so that what it starts dies with it.
      detached: process.platform !== 'win32',
      windowsHide: true,
      ...(config.cwd === undefined ? {} : { cwd: config.cwd }),
      ...(config.run_as === undefined ? {} : resolveUser(config.run_as)),
    });
    const lines = new LineReader(
      config.answer_bytes_max,
      (line) => this.#line(line),
      () => this.#gone(),
    );
    this.#process.stdout?.on('data', (chunk: Buffer) => lines.push(chunk));
    let told = 0;
    const errors = new LineReader(
      4096,
      (line) => {
        told += 1;
        if (told <= STDERR_LINES_MAX) onStderr(line);
      },
      () => undefined,
    );
    this.#process.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    this.#process.stdin?.on('error', () => this.#gone());
    this.#process.once('error', () => this.#gone());
    this.#process.once('exit', () => this.#gone());
  }

  /** A running process keeps the environment it started with. */
  renew(credentials: UpstreamCredentials): boolean {
    return JSON.stringify(credentials.env) === JSON.stringify(this.#env);
  }

  session(): void {
    // A process is its own session.
  }

  request(out: Outgoing<Request>, listener: Listener, hangup: Hangup): Promise<Ending> {
    if (this.closed || hangup.aborted)
      return Promise.resolve({ kind: 'lost', sent: false, cause: this.closed ? 'exited' : 'cancelled' });
    const id = this.#next_id++;
    return new Promise((resolve) => {
      const { silence_ms, overall_ms } = patienceFor(out.message, this.#config);
      const timer = silence_ms === 0 ? undefined : setTimeout(() => cancel('timed_out'), silence_ms);
      const overall = overall_ms === 0 ? undefined : setTimeout(() => cancel('took_too_long'), overall_ms);
      const cancel = (cause: 'cancelled' | 'timed_out' | 'took_too_long'): void => {
        const { method } = out.message;
        if (method !== 'initialize')
          this.#send({ kind: 'notification', method: 'notifications/cancelled', params: { requestId: id } });
        end({ kind: 'lost', sent: true, cause });
      };
      const abort = (): void => cancel('cancelled');
      const end = (ending: Ending): void => {
        if (!this.#inbox.calls.delete(id)) return;
        clearTimeout(timer);
        clearTimeout(overall);
        hangup.removeEventListener('abort', abort);
        this.#onEnding(ending);
        resolve(ending);
      };
      hangup.addEventListener('abort', abort, { once: true });
      this.#inbox.begin(id, {
        caller_id: out.message.id,
        caller_token: tokenOf(out.message.params),
        listener,
        end,
        touch: () => timer?.refresh(),
      });
      this.#send({ ...out.message, id, params: withToken(out.message.params, id) });
    });
  }

  post({ message }: Outgoing<Notification | Response>): Promise<boolean> {
    if (this.closed) return Promise.resolve(false);
    this.#send(this.#translated(message));
    return Promise.resolve(true);
  }

  /** A caller's `notifications/cancelled` names its own id: the process knows ours. */
  #translated(message: Notification | Response): Message {
    if (message.kind !== 'notification' || message.method !== 'notifications/cancelled') return message;
    const found = [...this.#inbox.calls].find(([, call]) => call.caller_id === message.params['requestId']);
    return found === undefined ? message : { ...message, params: { ...message.params, requestId: found[0] } };
  }

  #send(message: Message): void {
    const { stdin } = this.#process;
    if (this.closed || stdin === null) return;
    // A process that does not read what it is told is as good as dead.
    if (stdin.writableLength > UNSENT_BYTES_MAX) this.#gone();
    else stdin.write(`${writeMessage(message)}\n`);
  }

  #line(line: string): void {
    if (line.trim() === '') return;
    let incoming: { message: Message; text?: string };
    try {
      incoming = readIncoming(line, { bytes_max: this.#config.answer_bytes_max, depth_max: DEPTH_MAX });
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      // Some servers print words to stdout. If it was an answer, its call ends by its timeout, as unanswered.
      return;
    }
    const { message } = incoming;
    if (message.kind === 'response') {
      this.#inbox.answered(message);
      return;
    }
    if (message.kind === 'notification') this.#notice(message.method);
    this.#inbox.heard({ ...incoming, message });
  }

  listen(_options: object, listener: Listener, signal: AbortSignal): Promise<boolean> {
    listener.streaming?.();
    this.#inbox.listen(listener);
    return new Promise((resolve) => {
      const stop = (): void => {
        this.#inbox.unlisten(listener);
        resolve(true);
      };
      signal.addEventListener('abort', stop, { once: true });
      this.onClose(stop);
    });
  }

  onNotice(listener: (method: string) => void): void {
    this.#notice = listener;
  }

  onClose(listener: () => void): void {
    if (this.closed) listener();
    else this.#closers.push(listener);
  }

  #gone(): void {
    if (this.closed) return;
    this.closed = true;
    this.#kill('SIGKILL');
    this.#inbox.dropParked();
    for (const call of [...this.#inbox.calls.values()])
      call.end({ kind: 'lost', sent: true, cause: 'exited' });
    for (const closer of this.#closers.splice(0)) closer();
  }

  /** Asks the process to end, then makes it and everything it started. */
  close(): Promise<void> {
    if (this.closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.onClose(resolve);
      this.#process.stdin?.end();
      this.#kill('SIGTERM');
      setTimeout(() => this.#gone(), KILL_AFTER_MS).unref();
    });
  }

  #kill(signal: NodeJS.Signals): void {
    const { pid } = this.#process;
    if (pid === undefined) return;
    try {
      if (process.platform === 'win32') this.#process.kill(signal);
      else process.kill(-pid, signal);
    } catch {
      // ESRCH: the group is gone already, which is what was wanted.
    }
  }
}

function tokenOf(params: JsonObject): RpcId | undefined {
  const meta = params['_meta'];
  const token = isJsonObject(meta) ? member(meta, 'progressToken') : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

function withToken(params: JsonObject, token: number): JsonObject {
  if (tokenOf(params) === undefined) return params;
  const meta = params['_meta'];
  return { ...params, _meta: { ...(isJsonObject(meta) ? meta : {}), progressToken: token } };
}
