// Real MCP servers from npm, as an operator would start them, and one harmless call to each. They run offline, on
// data made here.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export type RealServer = {
  name: string;
  command: string[];
  call: { name: string; arguments: Record<string, unknown> };
  /** What must be in the answer, so that two equal errors do not pass for two equal results. */
  contains: string;
};

export type RealServers = { servers: RealServer[]; remove(): void };

const require = createRequire(import.meta.url);

/** The file a package's only command starts. */
function entry(name: string): string {
  const file = require.resolve(`${name}/package.json`);
  const { bin }: { bin: string | Record<string, string> } = require(file);
  const path = typeof bin === 'string' ? bin : Object.values(bin)[0];
  if (path === undefined) throw new Error(`${name} has no command`);
  return join(dirname(file), path);
}

function makeFolder(root: string): string {
  const folder = join(root, 'files');
  mkdirSync(folder);
  writeFileSync(join(folder, 'note.txt'), 'a note about dogs\n');
  return folder;
}

function makeDatabase(root: string): string {
  const file = join(root, 'dogs.db');
  const database = new DatabaseSync(file);
  database.exec('CREATE TABLE dogs (id INTEGER PRIMARY KEY, name TEXT NOT NULL)');
  database.exec("INSERT INTO dogs (name) VALUES ('Rex'), ('Bo')");
  database.close();
  return file;
}

export function realServers(): RealServers {
  const root = mkdtempSync(join(tmpdir(), 'countersign-servers-'));
  const [folder, database] = [makeFolder(root), makeDatabase(root)];
  const start = (name: string, ...args: string[]) => [process.execPath, entry(name), ...args];
  const servers: RealServer[] = [
    {
      name: 'filesystem',
      command: start('@modelcontextprotocol/server-filesystem', folder),
      call: { name: 'read_text_file', arguments: { path: join(folder, 'note.txt') } },
      contains: 'a note about dogs',
    },
    {
      name: 'memory',
      command: start('@modelcontextprotocol/server-memory'),
      call: { name: 'read_graph', arguments: {} },
      contains: 'entities',
    },
    {
      name: 'everything',
      command: start('@modelcontextprotocol/server-everything'),
      call: { name: 'echo', arguments: { message: 'hello, dogs' } },
      contains: 'hello, dogs',
    },
    {
      name: 'sqlite',
      command: start('@bytebase/dbhub', '--transport', 'stdio', '--dsn', `sqlite://${database}`),
      call: { name: 'execute_sql', arguments: { sql: 'SELECT name FROM dogs ORDER BY id' } },
      contains: 'Rex',
    },
  ];
  return { servers, remove: () => rmSync(root, { recursive: true, force: true }) };
}
