/** `countersign requests show`: the same view `watch` and `approve` show before they ask. */
import { CLIENT_OPTIONS, readArguments } from '../dispatch/arguments.ts';
import { lookOf, writeJson } from '../output.ts';
import { renderRequest } from '../render/request.ts';
import { openClient } from '../session.ts';
import { EXIT, type Io, type Verb } from '../verb.ts';
import { showLooked } from './looked.ts';

export const show: Verb = {
  about: 'Show one request, with everything that would run',
  usage: 'countersign requests show ID [--json] [--url URL]',
  async run(args: readonly string[], io: Io): Promise<number> {
    const { values, given } = readArguments(args, { options: CLIENT_OPTIONS, arguments: ['ID'] });
    const client = await openClient(io, values);
    const detail = await showLooked(client, given[0] ?? '');
    if (values.json === true) writeJson(io, detail);
    else io.stdout.write(renderRequest(detail, { ...lookOf(io), now: Date.now() }));
    return EXIT.ok;
  },
};
