/** Everything the filters leave, as JSON Lines in a file. Exporting is itself recorded, so it is said before it is done. */
import type { LogFilter } from '@countersign/sdk';
import { useState } from 'react';
import { cache, gate, wordsOf } from '../../data/gate.ts';
import { Button } from '../../kit/button.tsx';
import { saveFile } from '../../kit/data/save.ts';
import { Dialog } from '../../kit/over/dialog.tsx';
import { Problem } from '../../kit/said.tsx';

export function ExportButton({ filter }: { readonly filter: LogFilter }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button onPress={() => setOpen(true)}>Export</Button>
      {open ? <ExportDialog filter={filter} onClose={() => setOpen(false)} /> : null}
    </>
  );
}

async function collect(stream: ReadableStream<string>): Promise<readonly string[]> {
  const parts: string[] = [];
  const reader = stream.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) parts.push(read.value);
  return parts;
}

type Doing =
  | { readonly kind: 'asking' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'failed'; readonly why: string };

function ExportDialog({ filter, onClose }: { readonly filter: LogFilter; readonly onClose: () => void }) {
  const [doing, setDoing] = useState<Doing>({ kind: 'asking' });
  const narrowed = Object.keys(filter).length > 0;
  const run = async (): Promise<void> => {
    setDoing({ kind: 'busy' });
    try {
      saveFile('countersign-log.jsonl', new Blob([...(await collect(await gate.log.export(filter)))]));
      void cache.invalidateQueries({ queryKey: ['log', 'state'] });
      onClose();
    } catch (error) {
      setDoing({ kind: 'failed', why: wordsOf(error) });
    }
  };
  return (
    <Dialog
      title="Export entries"
      isOpen
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isPending={doing.kind === 'busy'} onPress={() => void run()}>
            Export
          </Button>
        </>
      }
    >
      <p>
        {narrowed ? 'Every entry the filters leave' : 'Every entry'}, oldest first, one JSON text a line: the
        signed statement and its envelope. No arguments, results or reasons: the log holds only commitments to
        them.
      </p>
      <p>The log will say that you exported it.</p>
      {doing.kind === 'failed' ? <Problem title="Nothing was exported" detail={doing.why} /> : null}
    </Dialog>
  );
}
