/** What an agent did lately, and which rules decided it: counted from its newest calls, not judged here. */
import type { Call } from '@countersign/sdk';
import { useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { callsOfQuery } from '../../../data/directory.ts';
import { type Column, Table } from '../../../kit/data/table.tsx';
import { Section, Soft } from '../../../kit/layout.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { When } from '../../../kit/time.tsx';
import { markOfCall } from '../../../words/calls.ts';
import { counted } from '../../../words/size.ts';
import { CallSentence } from '../../history/call/sentence.tsx';
import { byRule, type RuleCount } from './by-rule.ts';

const SHOWN = 12;

export function Calls({ agent }: { readonly agent: string }) {
  const { data } = useSuspenseQuery(callsOfQuery(agent));
  return (
    <>
      <Section
        title="What decides its calls"
        aside={data.length === 0 ? undefined : `its newest ${counted(data.length, 'call')}`}
      >
        <Table
          label="Rules that decided its calls"
          columns={RULES}
          rows={byRule(data)}
          keyOf={({ rule }) => rule}
          empty={<Soft>It has asked for nothing yet.</Soft>}
        />
      </Section>
      <Section
        title="Newest calls"
        aside={
          <Link to="/history" search={{ agent }}>
            All its calls
          </Link>
        }
      >
        <Table
          label="Newest calls"
          columns={CALLS}
          rows={data.slice(0, SHOWN)}
          keyOf={({ id }) => id}
          empty={<Soft>None.</Soft>}
        />
      </Section>
    </>
  );
}

const RULES: readonly Column<RuleCount>[] = [
  { id: 'rule', head: 'Rule', cell: ({ rule }) => <Shown text={rule} mono /> },
  { id: 'allowed', head: 'Ran', align: 'end', cell: ({ allowed }) => allowed },
  { id: 'held', head: 'Asked', align: 'end', cell: ({ held }) => held },
  { id: 'denied', head: 'Refused', align: 'end', cell: ({ denied }) => denied },
];

const CALLS: readonly Column<Call>[] = [
  { id: 'at', head: 'When', width: '112px', wideOnly: true, cell: ({ at }) => <When at={at} /> },
  {
    id: 'what',
    head: 'What',
    cell: (call) =>
      call.request_id === undefined ? (
        <Link to="/history/$call" params={{ call: call.id }}>
          <CallSentence call={call} />
        </Link>
      ) : (
        <Link to="/requests/$id" params={{ id: call.request_id }}>
          <CallSentence call={call} />
        </Link>
      ),
  },
  {
    id: 'outcome',
    head: 'How it went',
    cell: (call) => {
      const { word, tone, shape } = markOfCall(call);
      return (
        <Mark tone={tone} shape={shape}>
          {word}
        </Mark>
      );
    },
  },
];
