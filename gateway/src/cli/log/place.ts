/** Where the log to verify is. A path that leads nowhere is a wrong path, and no finding against a log. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { type LogSource, LogUnreadable, openLogSource } from '../../audit/verify/source.ts';
import type { Io } from '../verb.ts';

/** @throws LogUnreadable for a folder that is none */
export async function openLog(place: string, { cwd }: Pick<Io, 'cwd'>): Promise<LogSource> {
  if (/^https?:\/\//.test(place)) return openLogSource(place);
  const folder = path.resolve(cwd, place);
  const found = await kindOf(folder);
  if (found === 'nothing') throw new LogUnreadable(`${place}: there is no such folder`);
  if (found === 'file')
    throw new LogUnreadable(`${place}: it is a file; give the folder that holds the log’s file “checkpoint”`);
  const inside = path.join(folder, 'log');
  if ((await kindOf(path.join(folder, 'checkpoint'))) === 'nothing' && (await kindOf(inside)) === 'folder')
    throw new LogUnreadable(
      `${place}: the log is the folder “log” inside it; give ${path.join(place, 'log')}`,
    );
  return openLogSource(folder);
}

async function kindOf(place: string): Promise<'folder' | 'file' | 'nothing'> {
  try {
    return (await stat(place)).isDirectory() ? 'folder' : 'file';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'nothing';
    throw error;
  }
}
