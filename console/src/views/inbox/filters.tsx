/** What to show of what waits: mine or all, by agent, upstream, risk and words; all of it in the address. */
import { RISKS } from '@countersign/core';
import type { InboxItem } from '@countersign/sdk';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useMe } from '../../data/me.ts';
import { Pick } from '../../kit/form/pick.tsx';
import { SearchField } from '../../kit/form/search.tsx';
import { useTyped } from '../../kit/form/typed.ts';
import { RISK_WORDS } from '../../words/states.ts';
import styles from './inbox.module.css';
import { answers, type InboxSearch, isFiltered, readSearch } from './search.ts';

const route = getRouteApi('/signed-in/');
/** Fewer than that are looked through, not filtered: on a small screen they come first. */
const FEW = 6;

export function Filters({ items }: { readonly items: readonly InboxItem[] }) {
  const search = readSearch({ ...route.useSearch() });
  const navigate = route.useNavigate();
  const set = (change: InboxSearch): void =>
    void navigate({ search: (before) => ({ ...before, ...change, at: undefined }), replace: true });
  const [open, setOpen] = useState(isFiltered({ ...search, q: undefined }));
  const [text, type] = useTyped(search.q ?? '', (q) => set({ q: q === '' ? undefined : q }));
  const few = items.length < FEW && !isFiltered(search);
  return (
    <div className={styles['filters']} data-few={few ? true : undefined} data-open={open ? true : undefined}>
      {answers(useMe()) ? (
        <nav aria-label="Whose" className={styles['whose']}>
          <Whose all={false}>For me</Whose>
          <Whose all>All that waits</Whose>
        </nav>
      ) : null}
      <SearchField label="Find in what waits" placeholder="Find" value={text} onChange={type} />
      <button type="button" className={styles['unfold']} aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Less' : 'Filter'}
      </button>
      <One name="Agent" of="agent" items={items} onChange={(agent) => set({ agent })} />
      <One name="Upstream" of="upstream" items={items} onChange={(upstream) => set({ upstream })} />
      <Pick
        label="Risk"
        any="Any risk"
        choices={RISKS.map((id) => [id, RISK_WORDS[id].word])}
        value={search.risk}
        onChange={(risk) => set({ risk: RISKS.find((one) => one === risk) })}
      />
    </div>
  );
}

function Whose({ all, children }: { readonly all: boolean; readonly children: string }) {
  const { at: _, ...rest } = readSearch({ ...route.useSearch() });
  return (
    <Link
      to="/"
      search={{ ...rest, all: all ? true : undefined }}
      className={styles['choice']}
      activeOptions={{ includeSearch: true, explicitUndefined: true }}
    >
      {children}
    </Link>
  );
}

type OneProps = {
  readonly name: string;
  readonly of: 'agent' | 'upstream';
  readonly items: readonly InboxItem[];
  readonly onChange: (value: string | undefined) => void;
};

/** Where there is something to choose from. */
function One({ name, of, items, onChange }: OneProps) {
  const value = readSearch({ ...route.useSearch() })[of];
  const known = [...new Set([...items.map((item) => item[of]), ...(value === undefined ? [] : [value])])];
  if (known.length < 2 && value === undefined) return null;
  return (
    <Pick
      label={name}
      any={`Any ${name.toLowerCase()}`}
      choices={known.sort().map((id) => [id, id])}
      value={value}
      onChange={onChange}
    />
  );
}
