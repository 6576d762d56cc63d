/**
 * The connections to one HTTP upstream, of one caller. HTTP/1.1 tells answers apart by their order alone: what an upstream,
 * or a proxy before it, says once too often on a connection stands where the next question's answer should. So nobody's
 * question travels where another caller's did, and where questions and answers were seen to be out of step, none does.
 */
import type { Dispatcher, Pool } from 'undici';
import type { McpHttpConfig } from '../config.ts';
import { createPool } from './http.ts';

export class Connections {
  readonly #config: McpHttpConfig;
  #pool: Pool;
  /** Take no more questions, and end with what is under way. */
  readonly #retired = new Set<Pool>();

  constructor(config: McpHttpConfig) {
    this.#config = config;
    this.#pool = createPool(config);
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    return this.#pool.dispatch(options, handler);
  }

  /** What comes now travels over connections of its own. */
  renew(): void {
    const before = this.#pool;
    this.#pool = createPool(this.#config);
    void this.#retire(before);
  }

  /** Resolves when what was under way has ended. */
  close(): Promise<void> {
    return this.#retire(this.#pool);
  }

  async destroy(): Promise<void> {
    await Promise.all([this.#pool, ...this.#retired].map((pool) => pool.destroy()));
  }

  async #retire(pool: Pool): Promise<void> {
    this.#retired.add(pool);
    await pool.close().catch(() => undefined); // destroyed meanwhile
    this.#retired.delete(pool);
  }
}
