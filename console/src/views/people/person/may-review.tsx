/** What somebody may review, rule by rule and of whose agents, in the gateway’s words: nothing is worked out here (I4). */
import type { PersonPolicy, PersonRule, PersonSeat, Reviewer } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { personPolicyQuery } from '../../../data/directory.ts';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Listed } from '../../../kit/listed.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Note } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { counted } from '../../../words/size.ts';
import { clockTime } from '../../../words/time.ts';

export function MayReview({ person }: { readonly person: Reviewer }) {
  const { data } = useSuspenseQuery(personPolicyQuery(person.id));
  const { policy, at, sits_in_for, rules, rules_left_out } = data;
  return (
    <Section
      title="What they may review"
      aside={
        <>
          policy <Shown text={policy.version} mono />, as of {clockTime(at)}
        </>
      }
    >
      <Stack>
        <Standing of={data} />
        {sits_in_for.length === 0 ? null : (
          <p>
            They sit in for <People ids={sits_in_for} />.
          </p>
        )}
        <Table
          label="Rules that ask for them"
          columns={COLUMNS}
          rows={rules}
          keyOf={({ rule }) => rule}
          empty={<Soft>No rule in force asks for them.</Soft>}
        />
        <Soft>
          Each rule by itself: another that asks too may exclude them. Never what was asked in their name, or
          waits under rules they changed meanwhile. Of agents that come with tokens, and of any one request,
          that request says.
          {rules_left_out === 0 ? null : ` ${counted(rules_left_out, 'more rule')} not listed.`}
        </Soft>
      </Stack>
    </Section>
  );
}

function Standing({ of: { standing, operator, away } }: { readonly of: PersonPolicy }) {
  const why = {
    inactive: 'They are inactive: they cannot sign in, and nothing they answered counts.',
    reviewer: undefined,
    not_a_reviewer: operator
      ? 'They are no reviewer: they answer changes of what decides, as an operator, and nothing agents ask.'
      : 'They are no reviewer: they answer nothing.',
  }[standing];
  return (
    <>
      {why === undefined ? null : (
        <Note tone="amber">
          <p>{why}</p>
        </Note>
      )}
      {away ? (
        <Note tone="amber" title="Their seat is with somebody else for now">
          <p>They answer nothing until they take it back.</p>
        </Note>
      ) : null}
    </>
  );
}

function People({ ids }: { readonly ids: readonly string[] }) {
  return (
    <Listed of={ids}>
      {(person) => (
        <Link to="/people/$person" params={{ person }}>
          <Shown text={person} />
        </Link>
      )}
    </Listed>
  );
}

const COLUMNS: readonly Column<PersonRule>[] = [
  {
    id: 'rule',
    head: 'Rule',
    width: '34%',
    cell: ({ rule, about, dry_run }) => (
      <>
        <Link to="/policy" hash={rule}>
          <Shown text={rule} mono />
        </Link>
        {dry_run ? <Soft> only on record</Soft> : null}
        <div>
          <Soft>
            <Shown text={about} />
          </Soft>
        </div>
      </>
    ),
  },
  { id: 'as', head: 'They are asked', width: '28%', cell: (rule) => <AskedAs rule={rule} /> },
  { id: 'for', head: 'For agents', cell: (rule) => <Agents rule={rule} /> },
];

function AskedAs({ rule: { seats, break_glass } }: { readonly rule: PersonRule }) {
  return (
    <>
      {seats.map((seat) => (
        <div key={`${seat.stage} ${seat.by} ${seat.count} ${seat.proof}`}>
          <Seat seat={seat} />
        </div>
      ))}
      {break_glass?.may_break === true ? <div>may break its glass</div> : null}
      {break_glass?.may_judge === true ? <div>may judge broken glass afterwards</div> : null}
    </>
  );
}

function Seat({
  seat: { by, count, proof, stage, stages, instead_of, lacks_passkey },
}: {
  readonly seat: PersonSeat;
}) {
  const more = [
    ...(count > 1 ? [`one of ${count}`] : []),
    ...(stages > 1 ? [`stage ${stage} of ${stages}`] : []),
    ...(proof === 'recent' ? ['signed in just now'] : []),
    ...(proof === 'passkey' && lacks_passkey !== true ? ['with a passkey'] : []),
  ];
  return (
    <>
      {by === 'anyone' ? (
        'as any reviewer'
      ) : (
        <>
          as <Shown text={by} mono />
        </>
      )}
      {more.map((each) => `, ${each}`).join('')}
      {instead_of === undefined ? null : (
        <>
          , instead of <People ids={instead_of} />
        </>
      )}
      {lacks_passkey === true ? (
        <div>
          <Mark tone="amber" shape="half">
            with a passkey, which they lack
          </Mark>
        </div>
      ) : null}
    </>
  );
}

/** Why not comes from the gateway, once for all agents it is said of. */
function Agents({ rule: { agents, on } }: { readonly rule: PersonRule }) {
  const { may, not, left_out } = agents;
  if (may.length === 0 && not.length === 0)
    return <Soft>{on === 'countersign' ? 'changes of what decides' : 'none'}</Soft>;
  return (
    <>
      {may.length === 0 ? null : (
        <div>
          <Names ids={may} />
        </div>
      )}
      {[...Map.groupBy(not, ({ why }) => why)].map(([why, of]) => (
        <div key={why}>
          <Soft>
            not <Names ids={of.map(({ agent }) => agent)} />: {why}
          </Soft>
        </div>
      ))}
      {left_out === 0 ? null : <Soft>{left_out} more not looked at</Soft>}
    </>
  );
}

function Names({ ids }: { readonly ids: readonly string[] }) {
  return (
    <Listed of={ids}>
      {(agent) => (
        <Link to="/agents/$agent" params={{ agent }}>
          <Shown text={agent} />
        </Link>
      )}
    </Listed>
  );
}
