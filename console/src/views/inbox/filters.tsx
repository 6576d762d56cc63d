/** What to show of what waits: mine or all, by agent, upstream, risk and words; all of it in the address. */
import { RISKS } from '@countersign/core';
import type { InboxItem } from '@countersign/sdk';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useMe } from '../../data/me.ts';
import { SearchField, Select } from '../../kit/form/field.tsx';
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
  const few = items.length < FEW && !isFiltered(search);
  return (
    <div className={styles['filters']} data-few={few ? true : undefined}>
      {answers(useMe()) ? (
        <nav aria-label="Whose" className={styles['whose']}>
          <Whose all={false}>For me</Whose>
          <Whose all>All that waits</Whose>
        </nav>
      ) : null}
      <SearchField
        label="Find in what waits"
        placeholder="Find"
        value={search.q ?? ''}
        onChange={(q) => set({ q: q === '' ? undefined : q })}
      />
      <One
        name="Agent"
        values={distinct(items, 'agent')}
        value={search.agent}
        onChange={(agent) => set({ agent })}
      />
      <One
        name="Upstream"
        values={distinct(items, 'upstream')}
        value={search.upstream}
        onChange={(upstream) => set({ upstream })}
      />
      <Select
        label="Risk"
        quiet
        choices={[{ id: '', label: 'Any risk' }, ...RISKS.map((id) => ({ id, label: RISK_WORDS[id].word }))]}
        value={search.risk ?? ''}
        onChange={(risk) => set({ risk: risk === '' ? undefined : risk })}
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

const distinct = (items: readonly InboxItem[], key: 'agent' | 'upstream'): readonly string[] =>
  [...new Set(items.map((item) => item[key]))].sort();

type OneProps = {
  readonly name: string;
  readonly values: readonly string[];
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
};

function One({ name, values, value, onChange }: OneProps) {
  const known = value === undefined || values.includes(value) ? values : [...values, value];
  if (known.length < 2 && value === undefined) return null;
  return (
    <Select
      label={name}
      quiet
      choices={[{ id: '', label: `Any ${name.toLowerCase()}` }, ...known.map((id) => ({ id, label: id }))]}
      value={value ?? ''}
      onChange={(next) => onChange(next === '' ? undefined : next)}
    />
  );
}
