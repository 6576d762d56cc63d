/** Pointing an agent at an upstream: pick what it runs in, copy the text. */
import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { upstreamsQuery } from '../../data/directory.ts';
import { Command } from '../../kit/data/copy.tsx';
import { Select } from '../../kit/form/select.tsx';
import { Row, Soft, Stack } from '../../kit/layout.tsx';
import { type Connection, KEY_VARIABLE, SETUPS } from './clients.ts';

export function Connect({ secret }: { readonly secret?: string }) {
  const { data: upstreams } = useSuspenseQuery(upstreamsQuery);
  const [upstream, setUpstream] = useState(upstreams[0]?.name ?? 'files');
  const [id, setId] = useState(SETUPS[0]?.id ?? '');
  const setup = SETUPS.find((each) => each.id === id);
  if (setup === undefined) return null;
  const to: Connection = {
    origin: location.origin,
    upstream,
    ...(secret === undefined ? {} : { key: secret }),
  };
  const text = setup.text(to);
  return (
    <Stack>
      <Row>
        <Select
          label="It runs in"
          choices={SETUPS.map((each) => ({ id: each.id, label: each.name }))}
          value={id}
          onChange={setId}
        />
        {upstreams.length < 2 ? null : (
          <Select
            label="To act on"
            choices={upstreams.map(({ name }) => ({ id: name, label: name }))}
            value={upstream}
            onChange={setUpstream}
          />
        )}
      </Row>
      <Soft>
        <code>{setup.where}</code>
        {text.includes(KEY_VARIABLE) && id !== 'stdio' ? (
          <>
            {' '}
            with the agent’s key in <code>{KEY_VARIABLE}</code>
          </>
        ) : null}
      </Soft>
      <Command text={text} what={setup.name} />
      {setup.note === undefined ? null : <Soft>{setup.note}</Soft>}
    </Stack>
  );
}
