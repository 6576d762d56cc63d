/** `countersign logout`: ends the session at the gateway, then forgets the token. A gateway out of reach is said. */
import { createClient, ProblemError, UnreachableError } from '@countersign/sdk';
import { readArguments } from '../dispatch/arguments.ts';
import { DEFAULT_URL, gatewayUrl } from '../session.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { readCredentials, type StoredLogin, withoutLogin, writeCredentials } from './credentials.ts';

export const verb: Verb = {
  about: 'End this command line’s session',
  usage: `countersign logout [--url URL]

  --url URL         the gateway (COUNTERSIGN_URL, else the one last signed in to)`,
  run: logout,
};

async function logout(args: readonly string[], io: Io): Promise<number> {
  const { values } = readArguments(args, { options: { url: { type: 'string' } } });
  const stored = await readCredentials(io);
  const named = values.url ?? io.env['COUNTERSIGN_URL'];
  const origin = gatewayUrl(named ?? stored.current ?? DEFAULT_URL, io);
  const login = stored.gateways[origin];
  if (login === undefined) {
    io.stdout.write(`Not signed in to ${origin}.\n`);
    return EXIT.ok;
  }
  const ended = await endSession(origin, login);
  await writeCredentials(io, withoutLogin(stored, origin));
  if (ended) {
    io.stdout.write(`Signed out of ${origin}.\n`);
    return EXIT.ok;
  }
  io.stderr.write(
    `The token is removed from this machine, but ${origin} could not be told: there the session lives on until it expires.\n`,
  );
  return EXIT.unreachable;
}

/** True when the gateway knows it is over, or knew before. */
async function endSession(url: string, { token }: StoredLogin): Promise<boolean> {
  try {
    await createClient({ url, token, user_agent: 'countersign-cli' }).signOut();
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.kind === 'not_signed_in') return true;
    if (error instanceof UnreachableError) return false;
    throw error;
  }
}
