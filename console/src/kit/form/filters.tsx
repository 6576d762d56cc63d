/** What a long list is narrowed by: each filter in use is a chip that can be changed or taken away, others are added. */
import { visible } from '@countersign/core';
import { X } from 'lucide-react';
import { type FormEvent, type RefObject, useEffect, useId, useRef, useState } from 'react';
import { exactTime } from '../../words/time.ts';
import { Button, IconButton } from '../button.tsx';
import { Menu } from '../over/menu.tsx';
import { Shown } from '../shown.tsx';
import styles from './filters.module.css';

export type FilterField<K extends string> = {
  readonly id: K;
  /** As before a colon: `Agent`. */
  readonly label: string;
  readonly kind: 'text' | 'time' | 'choice';
  /** For `choice`: the only values; for `text`: what is likely. */
  readonly values?: readonly (readonly [value: string, label: string])[];
};

export type FiltersProps<K extends string> = {
  readonly fields: readonly FilterField<K>[];
  /** As in the URL: times in unix milliseconds. */
  readonly values: { readonly [F in K]?: string | undefined };
  readonly onChange: (id: K, value: string | undefined) => void;
  readonly onClear: () => void;
};

export function Filters<K extends string>({ fields, values, onChange, onClear }: FiltersProps<K>) {
  const [editing, setEditing] = useState<K>();
  const used = fields.filter(({ id }) => values[id] !== undefined);
  const edited = fields.find(({ id }) => id === editing);
  return (
    <div className={styles['filters']}>
      {used.map((field) =>
        field.id === editing ? null : (
          <Chip
            key={field.id}
            field={field}
            value={values[field.id] ?? ''}
            onEdit={() => setEditing(field.id)}
            onRemove={() => onChange(field.id, undefined)}
          />
        ),
      )}
      {edited === undefined ? (
        <Menu
          label={used.length === 0 ? 'Filter' : 'Add a filter'}
          kind={used.length === 0 ? 'plain' : 'quiet'}
          choices={fields
            .filter(({ id }) => values[id] === undefined)
            .map(({ id, label }) => ({ id, label, onAction: () => setEditing(id) }))}
        />
      ) : (
        <Edit
          key={edited.id}
          field={edited}
          value={values[edited.id] ?? ''}
          onDone={(value) => {
            setEditing(undefined);
            if (value !== undefined) onChange(edited.id, value === '' ? undefined : value);
          }}
        />
      )}
      {used.length > 1 ? (
        <Button kind="quiet" onPress={onClear}>
          Clear all
        </Button>
      ) : null}
    </div>
  );
}

type ChipProps = {
  readonly field: FilterField<string>;
  readonly value: string;
  readonly onEdit: () => void;
  readonly onRemove: () => void;
};

function Chip({ field: { label, kind, values }, value, onEdit, onRemove }: ChipProps) {
  const said =
    kind === 'time'
      ? exactTime(Number(value))
      : kind === 'choice'
        ? (values?.find(([id]) => id === value)?.[1] ?? value)
        : value;
  return (
    <span className={styles['chip']}>
      <button type="button" className={styles['said']} onClick={onEdit} title="Change">
        <span className={styles['name']}>{label}</span> <Shown text={said} />
      </button>
      <IconButton label={`Take away the filter: ${label}`} onPress={onRemove}>
        <X size={14} aria-hidden="true" />
      </IconButton>
    </span>
  );
}

type EditProps = {
  readonly field: FilterField<string>;
  readonly value: string;
  /** Undefined: leave it as it was. */
  readonly onDone: (value: string | undefined) => void;
};

function Edit({ field: { label, kind, values }, value, onDone }: EditProps) {
  const list = useId();
  const form = useRef<HTMLFormElement>(null);
  useFocusIn(form);
  const [text, setText] = useState(kind === 'time' && value !== '' ? localText(Number(value)) : value);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    onDone(kind === 'time' ? timeText(text) : text.trim());
  };
  const common = {
    'aria-label': label,
    className: styles['input'],
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === 'Escape') onDone(undefined);
    },
  };
  return (
    <form ref={form} className={styles['edit']} onSubmit={submit}>
      <span className={styles['name']} aria-hidden="true">
        {label}
      </span>
      {kind === 'choice' ? (
        <select {...common} value={text} onChange={({ target }) => onDone(target.value)}>
          <option value="">any</option>
          {values?.map(([id, name]) => (
            <option key={id} value={id}>
              {visible(name).text}
            </option>
          ))}
        </select>
      ) : (
        <>
          <input
            {...common}
            type={kind === 'time' ? 'datetime-local' : 'text'}
            value={text}
            list={list}
            maxLength={1024}
            onChange={({ target }) => setText(target.value)}
          />
          <datalist id={list}>
            {kind === 'text'
              ? values?.map(([id, name]) => <option key={id} value={id} label={visible(name).text} />)
              : null}
          </datalist>
          <Button type="submit">Set</Button>
        </>
      )}
      <Button kind="quiet" onPress={() => onDone(undefined)}>
        Cancel
      </Button>
    </form>
  );
}

/** Once the menu it was chosen from has let go of the page. */
function useFocusIn(form: RefObject<HTMLFormElement | null>): void {
  useEffect(() => {
    let frame = requestAnimationFrame(() => {
      frame = requestAnimationFrame(() => form.current?.querySelector<HTMLElement>('input, select')?.focus());
    });
    return () => cancelAnimationFrame(frame);
  }, [form]);
}

/** What `datetime-local` speaks: this machine's time, to the minute. */
function localText(at: number): string {
  const shifted = new Date(at - new Date(at).getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}
const timeText = (local: string): string => {
  const at = new Date(local).getTime();
  return Number.isNaN(at) ? '' : String(at);
};
