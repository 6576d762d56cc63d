/** A caller listens for what belongs to none of its calls, or for the rest of a stream that broke off. Nothing is told unmasked. */
import type { Shared } from '../../calls/call.ts';
import { outdated } from '../../calls/outdated.ts';
import { streamPlace } from '../../calls/pass.ts';
import { maskedEvent, mayBeTold, placeOf } from '../../calls/run.ts';
import type { McpDeps } from '../../deps.ts';
import type { Incoming } from '../../upstream/link.ts';
import { header } from '../../wire/headers.ts';
import { CODE, type Response, WireError } from '../../wire/message.ts';
import { eventOf, type SseEvent } from '../../wire/sse.ts';
import type { Received } from '../modern.ts';
import type { LegacySession } from './session.ts';

type At = { readonly shared: Shared; readonly session: LegacySession };

/** Until either side ends it. @throws WireError for one stream too many, or none offered by the upstream */
export async function listen(
  { shared, session }: At,
  { door, headers, reply }: Pick<Received, 'door' | 'headers' | 'reply'>,
): Promise<void> {
  const giveBack = streamPlace({ shared, door });
  const stream = session.openStream();
  if (stream === undefined) {
    giveBack();
    throw new WireError('Too many streams of this session are open', {
      status: 409,
      code: CODE.invalid_request,
    });
  }
  reply.onLeave(() => session.closeStream(stream));
  const last_event_id = header(headers, 'last-event-id');
  const { peer } = session;
  const lasting = outdated(peer);
  lasting.signal.addEventListener('abort', () => session.closeStream(stream), { once: true });
  const had = await peer.link
    .listen(
      last_event_id === undefined ? {} : { last_event_id },
      {
        streaming: () => reply.stream(),
        mark: (placed) => reply.tell(eventOf('', placeOf(placed, peer.permit))),
        message: (incoming) => {
          const { permit } = peer;
          if (mayBeTold(incoming.message, peer, { permit, asked: (question) => session.ask(question) }))
            reply.tell(maskedEvent(incoming, permit));
        },
        response: (incoming) => {
          reply.tell(resumedEvent(shared.deps, session, incoming));
        },
      },
      stream.signal,
    )
    .finally(() => {
      lasting.stop();
      giveBack();
    });
  await reply.told();
  session.closeStream(stream);
  if (had || reply.streaming) reply.end();
  else
    throw new WireError('The upstream offers no stream here', {
      status: 405,
      code: CODE.invalid_request,
      headers: { allow: 'POST' },
    });
}

/** The answer of a call whose stream broke off; undefined when no call waits for it, or it was lost. */
async function resumedEvent(
  { log }: Pick<McpDeps, 'log'>,
  session: LegacySession,
  incoming: Incoming<Response>,
): Promise<SseEvent | undefined> {
  try {
    const data = await session.resumed(incoming);
    if (data === undefined) return undefined;
    return eventOf(data, { event_id: placeOf(incoming, session.peer.permit).event_id });
  } catch (error) {
    log.error({ error: String(error) }, 'a resumed answer was lost');
    return undefined;
  }
}
