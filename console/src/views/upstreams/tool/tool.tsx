/**
 * One tool's definition, to read before accepting it: what changed, with every hidden character written out (A3), and
 * what the tool says of itself set apart. What is accepted is exactly the definition shown, by its digest (A9).
 */
import { isJsonObject } from '@countersign/core';
import type { ToolDiff } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { toolDiffQuery, toolsQuery } from '../../../data/directory.ts';
import { Id } from '../../../kit/data/copy.tsx';
import { Lines, pretty } from '../../../kit/data/lines.tsx';
import { Facts, Section, Soft, Stack, View } from '../../../kit/layout.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { shortDigest } from '../../../words/size.ts';
import { WaitingChange } from '../../operating/waiting-change.tsx';
import { ToolMark } from '../words.tsx';
import { Accept } from './accept.tsx';
import { Changes } from './changes.tsx';

const route = getRouteApi('/signed-in/upstreams/$upstream/$tool');

export function ToolView() {
  const { upstream, tool } = route.useParams();
  const { data: diff } = useSuspenseQuery(toolDiffQuery(upstream, tool));
  const { data: tools } = useSuspenseQuery(toolsQuery);
  const known = tools.find((each) => each.upstream === upstream && each.tool === tool);
  return (
    <View
      title={<Shown text={tool} />}
      about={
        <Link to="/upstreams/$upstream" params={{ upstream }}>
          <Shown text={upstream} />
        </Link>
      }
      width="reading"
    >
      <Stack>
        <WaitingChange about={{ action: 'countersign.tools.accept', resource: `${upstream}/${tool}` }} />
        <Facts
          rows={[
            ['Definition', <ToolMark key="status" status={diff.status} />],
            [
              'Accepted',
              known?.accepted_by === undefined ? (
                diff.accepted_pin === undefined ? (
                  'never'
                ) : undefined
              ) : (
                <span key="by">
                  as <Shown text={known.class} />, by <Shown text={known.accepted_by} />
                  {known.accepted_at === undefined ? null : (
                    <>
                      , <When at={known.accepted_at} />
                    </>
                  )}
                </span>
              ),
            ],
            ['Accepted pin', diff.status === 'drifted' ? pinOf(diff.accepted_pin) : undefined],
            [diff.status === 'drifted' ? 'Newest pin' : 'Pin', pinOf(diff.pin)],
            ['Seen', known === undefined ? undefined : <When key="seen" at={known.seen_at} />],
          ]}
        />
      </Stack>
      {diff.status === 'drifted' ? (
        <Section title="What changed since it was accepted">
          <Changes changes={diff.changes} />
        </Section>
      ) : null}
      <OwnWords diff={diff} />
      <Section title={diff.status === 'drifted' ? 'The whole new definition' : 'The whole definition'}>
        <Lines label="Definition" text={pretty(diff.after)} wrap />
      </Section>
      {diff.status === 'accepted' ? null : <Accept diff={diff} />}
    </View>
  );
}

const pinOf = (pin: string | undefined) =>
  pin === undefined ? undefined : <Id key="pin" text={pin} short={shortDigest(pin)} />;

const HINTS: readonly (readonly [name: string, says: string])[] = [
  ['readOnlyHint', 'only reads'],
  ['destructiveHint', 'destroys'],
  ['idempotentHint', 'twice is as once'],
  ['openWorldHint', 'reaches outside'],
];

/** Its description and hints: the server's own word, which decides nothing (I11). */
function OwnWords({ diff: { after } }: { readonly diff: ToolDiff }) {
  const { description, annotations } = after;
  const hints = isJsonObject(annotations) ? annotations : {};
  const said = HINTS.filter(([name]) => typeof hints[name] === 'boolean').map(
    ([name, says]) => `${says}: ${hints[name] === true ? 'yes' : 'no'}`,
  );
  return (
    <Section title="What the server says of it" aside="Its own word: it decides nothing">
      <Stack>
        {typeof description === 'string' && description !== '' ? (
          <Lines label="Its description" text={description} wrap />
        ) : (
          <Soft>It describes itself in no word.</Soft>
        )}
        <Soft>
          {said.length === 0 ? 'It gives no hint of what it does.' : `Its hints: ${said.join('; ')}.`}
        </Soft>
      </Stack>
    </Section>
  );
}
