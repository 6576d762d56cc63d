/** The files of the draft: which differ, which are in error; a new one, and one taken out. */
import type { PolicyCheck, PolicyFileText } from '@countersign/sdk';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { Button } from '../../../kit/button.tsx';
import { TextField } from '../../../kit/form/field.tsx';
import { Mark } from '../../../kit/mark.tsx';
import { Dialog } from '../../../kit/over/dialog.tsx';
import { Shown } from '../../../kit/shown.tsx';
import styles from './draft.module.css';
import type { Draft } from './kept.ts';

export type FileListProps = {
  readonly draft: Draft;
  readonly inForce: readonly PolicyFileText[];
  readonly check: PolicyCheck | undefined;
  readonly chosen: string | undefined;
};

/** The files and nothing to do with them, for those who only read. */
export function FilesInForce({
  files,
  chosen,
}: { readonly files: readonly PolicyFileText[] } & Pick<FileListProps, 'chosen'>) {
  return (
    <nav aria-label="Files of the policy" className={styles['files']}>
      <ul>
        {files.map(({ path }) => (
          <li key={path}>
            <FileLink path={path} chosen={chosen} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

type FileLinkProps = { readonly path: string; readonly children?: ReactNode } & Pick<FileListProps, 'chosen'>;

function FileLink({ path, chosen, children }: FileLinkProps) {
  return (
    <Link
      to="/policy/draft"
      search={{ file: path }}
      className={`${styles['file']} ${path === chosen ? styles['chosen'] : ''}`}
    >
      <Shown text={path} />
      {children}
    </Link>
  );
}

export function FileList({ draft, inForce, check, chosen }: FileListProps) {
  const [adding, setAdding] = useState(false);
  const texts = new Map(inForce.map(({ path, text }) => [path, text]));
  const wrong = new Set(check?.problems.map(({ file }) => file));
  const gone = inForce.filter(({ path }) => !draft.files.some((file) => file.path === path));
  return (
    <nav aria-label="Files of the draft" className={styles['files']}>
      <ul>
        {draft.files.map(({ path, text }) => (
          <li key={path}>
            <FileLink path={path} chosen={chosen}>
              <FileState wrong={wrong.has(path)} was={texts.get(path)} is={text} />
            </FileLink>
          </li>
        ))}
        {gone.map(({ path, text }) => (
          <li key={path} className={styles['file']}>
            <s>
              <Shown text={path} />
            </s>
            <Button size="small" kind="quiet" onPress={() => draft.write(path, text)}>
              Put back
            </Button>
          </li>
        ))}
      </ul>
      <Button size="small" onPress={() => setAdding(true)}>
        Add a file
      </Button>
      {chosen === undefined ? null : (
        <Button size="small" kind="quiet" onPress={() => draft.remove(chosen)}>
          Take this file out
        </Button>
      )}
      <AddFile isOpen={adding} onClose={() => setAdding(false)} draft={draft} />
    </nav>
  );
}

type FileStateProps = { readonly wrong: boolean; readonly was: string | undefined; readonly is: string };

function FileState({ wrong, was, is }: FileStateProps) {
  if (wrong)
    return (
      <span className={styles['state']}>
        <Mark tone="red" shape="cross">
          error
        </Mark>
      </span>
    );
  if (was === is) return null;
  return (
    <span className={styles['state']}>
      <Mark tone="blue" shape="dot">
        {was === undefined ? 'new' : 'changed'}
      </Mark>
    </span>
  );
}

const PATH = /^(?!\.)(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\.yaml$/;
const BEGINNING = 'version: 1\nrules:\n  - id: \n';

type AddFileProps = { readonly isOpen: boolean; readonly onClose: () => void; readonly draft: Draft };

function AddFile({ isOpen, onClose, draft }: AddFileProps) {
  const navigate = useNavigate();
  const [path, setPath] = useState('');
  const taken = draft.files.some((file) => file.path === path);
  const good = PATH.test(path) && !taken;
  const add = (): void => {
    draft.write(path, path.endsWith('.test.yaml') ? 'tests: []\n' : BEGINNING);
    onClose();
    void navigate({ to: '/policy/draft', search: { file: path } });
  };
  return (
    <Dialog
      title="Add a file"
      isOpen={isOpen}
      onClose={onClose}
      actions={
        <>
          <Button onPress={onClose}>Cancel</Button>
          <Button kind="primary" isDisabled={!good} onPress={add}>
            Add
          </Button>
        </>
      }
    >
      <TextField
        label="Path in the policy folder"
        value={path}
        onChange={setPath}
        mono
        autoFocus
        placeholder="payments/refunds.yaml"
        hint="Files that end in .test.yaml are tests."
        {...(taken ? { error: 'There is a file of that name.' } : {})}
      />
    </Dialog>
  );
}
