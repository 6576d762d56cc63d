/** Glass that was broken and still wants somebody: above everything else, until it has them. */
import type { BrokenGlass } from '@countersign/sdk';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { openGlassQuery } from '../../data/glass.ts';
import { Note } from '../../kit/said.tsx';
import { Shown } from '../../kit/shown.tsx';
import { When } from '../../kit/time.tsx';

export function BrokenGlassNotes() {
  const { data = [] } = useQuery(openGlassQuery);
  return data.map((glass) => <OneNote key={glass.id} glass={glass} />);
}

function OneNote({ glass }: { readonly glass: BrokenGlass }) {
  const { request_id, broken_by_name, broken_at, resource, upstream, you } = glass;
  const judges = glass.status === 'open' && you.may_close.eligible;
  return (
    <Note
      tone="red"
      title="The glass was broken"
      action={
        <Link to="/requests/$id" params={{ id: request_id }}>
          {judges ? 'Review it' : 'See it'}
        </Link>
      }
    >
      <p>
        <Shown text={broken_by_name} /> let <Shown text={resource} mono /> on <Shown text={upstream} />{' '}
        through alone, <When at={broken_at} />.
      </p>
    </Note>
  );
}
