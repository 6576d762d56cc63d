/**
 * The command line: what `bin/countersign.mjs` and the launcher import, so it runs when imported. It finds the verb,
 * runs it and turns the outcome into an exit code; verbs live beside it, one file or folder each.
 */
import { dispatch } from './dispatch/dispatch.ts';
import { becomeLean } from './footprint.ts';

// Before anything of the gateway is loaded: it would be loaded twice.
if (process.argv[2] === 'serve') becomeLean();

const { stdin, stdout, stderr, env } = process;
// A reader that has seen enough (`| head`) is not an error.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(0);
});
process.exitCode = await dispatch(process.argv.slice(2), { stdin, stdout, stderr, env, cwd: process.cwd() });
