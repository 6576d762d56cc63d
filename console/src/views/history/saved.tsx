/** Searches somebody saved for themselves: opened, saved under a name, taken away. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { gate, wordsOf } from '../../data/gate.ts';
import { searchesQuery } from '../../data/history/calls.ts';
import { Button } from '../../kit/button.tsx';
import { TextField } from '../../kit/form/field.tsx';
import { Dialog } from '../../kit/over/dialog.tsx';
import { Menu } from '../../kit/over/menu.tsx';
import { say } from '../../kit/over/toast.tsx';
import { addressOf, type HistorySearch, searchIn } from './search.ts';

export type SavedSearchesProps = {
  readonly search: HistorySearch;
  readonly onOpen: (search: HistorySearch) => void;
};

export function SavedSearches({ search, onOpen }: SavedSearchesProps) {
  const cache = useQueryClient();
  const { data: searches = [] } = useQuery(searchesQuery);
  const [saving, setSaving] = useState(false);
  const here = searches.find(({ query }) => query === addressOf(search));
  const remove = async (): Promise<void> => {
    if (here === undefined) return;
    try {
      await gate.searches.remove(here.id);
      say({
        text: `Removed “${here.name}”.`,
        undo: () =>
          void gate.searches
            .save({ name: here.name, query: here.query })
            .then(() => cache.invalidateQueries(searchesQuery)),
      });
    } catch (error) {
      say({ text: wordsOf(error), tone: 'red' });
    }
    await cache.invalidateQueries(searchesQuery);
  };
  const usable = searches.flatMap(({ id, name, query }) => {
    const found = searchIn(query);
    return found === undefined ? [] : [{ id, label: name, onAction: () => onOpen(found) }];
  });
  return (
    <>
      {usable.length === 0 ? null : <Menu label={here?.name ?? 'Saved searches'} choices={usable} />}
      {Object.keys(search).length === 0 ? null : here === undefined ? (
        <Button onPress={() => setSaving(true)}>Save this search</Button>
      ) : (
        <Button kind="quiet" onPress={() => void remove()}>
          Remove it
        </Button>
      )}
      {saving ? <SaveDialog query={addressOf(search)} onClose={() => setSaving(false)} /> : null}
    </>
  );
}

const NAME_CHARS_MAX = 60;

function SaveDialog({ query, onClose }: { readonly query: string; readonly onClose: () => void }) {
  const cache = useQueryClient();
  const [name, setName] = useState('');
  const [why, setWhy] = useState<string>();
  const save = async (): Promise<void> => {
    try {
      await gate.searches.save({ name: name.trim(), query });
      await cache.invalidateQueries(searchesQuery);
      onClose();
    } catch (error) {
      setWhy(wordsOf(error));
    }
  };
  return (
    <Dialog
      title="Save this search"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={name.trim() === ''} onPress={() => void save()}>
            Save
          </Button>
        </>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== '') void save();
        }}
      >
        <TextField
          label="Name"
          hint="For you alone. A name you have already is replaced."
          value={name}
          onChange={setName}
          maxLength={NAME_CHARS_MAX}
          autoFocus
          {...(why === undefined ? {} : { error: why })}
        />
      </form>
    </Dialog>
  );
}
