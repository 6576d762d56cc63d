/** A draft of the policy: its files, what the real checker says of them, its tests, and what to do with it. */

import type { CompletionSource } from '@codemirror/autocomplete';
import { visible } from '@countersign/core';
import type { PolicyCheck, PolicyProblem } from '@countersign/sdk';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useMe } from '../../../data/me.ts';
import { checkQuery, policyFilesQuery, vocabularyQuery } from '../../../data/policy.ts';
import { Button } from '../../../kit/button.tsx';
import type { Finding } from '../../../kit/code/editor.tsx';
import { Section, Soft, Stack } from '../../../kit/layout.tsx';
import { Note, Waiting } from '../../../kit/said.tsx';
import { Shown } from '../../../kit/shown.tsx';
import { CarryOn } from './carry-on.tsx';
import { Checked } from './checked.tsx';
import { completionsAt } from './complete.ts';
import styles from './draft.module.css';
import { FileList, FilesInForce } from './files.tsx';
import { keyOf, useDraft } from './kept.ts';
import { mayDraft } from './may.ts';

const Editor = lazy(() =>
  import('../../../kit/code/editor.tsx').then((module) => ({ default: module.Editor })),
);
const Diff = lazy(() => import('../../../kit/code/diff.tsx').then((module) => ({ default: module.Diff })));
const route = getRouteApi('/signed-in/policy/draft');

export function DraftView() {
  return mayDraft(useMe()) ? <Drafting /> : <InForce />;
}

/** Where the links of a rule lead whoever is asked: the text, to read. */
function InForce() {
  const { file: asked, line } = route.useSearch();
  const { data } = useSuspenseQuery(policyFilesQuery);
  const file = data.files.find(({ path }) => path === asked) ?? data.files[0];
  return (
    <div className={styles['columns']}>
      <FilesInForce files={data.files} chosen={file?.path} />
      <Stack>
        {file === undefined ? null : (
          <Suspense fallback={<Waiting what="Loading the text" />}>
            <Editor
              key={file.path}
              label={file.path}
              value={file.text}
              findings={NOTHING_FOUND}
              complete={() => null}
              line={line}
            />
          </Suspense>
        )}
        <Soft>This is in force. Operators and auditors draft changes of it.</Soft>
      </Stack>
    </div>
  );
}

const NOTHING_FOUND: readonly Finding[] = [];

function Drafting() {
  const { file: asked, line } = route.useSearch();
  const { data: inForce } = useSuspenseQuery(policyFilesQuery);
  const draft = useDraft(inForce);
  const file = draft.files.find(({ path }) => path === asked) ?? draft.files[0];
  const settled = useSettled(draft.files);
  const check = useQuery(
    checkQuery({ files: settled.map(({ path, text }) => ({ path, text })) }, keyOf(settled)),
  );
  const findings = useMemo(() => findingsOf(check.data, file?.path), [check.data, file?.path]);
  const complete = useCompletion();
  const before = inForce.files.find(({ path }) => path === file?.path)?.text ?? '';
  return (
    <div className={styles['columns']}>
      <FileList draft={draft} inForce={inForce.files} check={check.data} chosen={file?.path} />
      <Stack>
        {draft.outdated ? (
          <Note
            tone="amber"
            title="The policy changed since you began this draft"
            action={
              <Button size="small" onPress={draft.discard}>
                Begin again from what is in force
              </Button>
            }
          >
            <p>What differs below is against what is in force now: look before you undo somebody’s change.</p>
          </Note>
        ) : null}
        {file === undefined ? (
          <Note tone="plain">There is no file yet: add one.</Note>
        ) : (
          <Suspense fallback={<Waiting what="Loading the editor" />}>
            <Editor
              key={file.path}
              label={file.path}
              value={file.text}
              onChange={(text) => draft.write(file.path, text)}
              findings={findings}
              complete={complete}
              line={line}
            />
          </Suspense>
        )}
        <Checked check={check.data} waiting={check.isFetching} error={check.error} draft={draft} />
        <CarryOn draft={draft} inForce={inForce} good={check.data?.ok === true && !check.isFetching} />
        {file !== undefined && before !== file.text ? (
          <Section title="What differs from what is in force" aside={<Shown text={file.path} mono />}>
            <Suspense fallback={<Waiting />}>
              <Diff label={`${file.path}, changed`} before={before} after={file.text} />
            </Suspense>
          </Section>
        ) : null}
      </Stack>
    </div>
  );
}

const SETTLED_MS = 300;

/** The value once it has stood still for a moment: what is being typed is not asked about letter by letter. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}

function findingsOf(check: PolicyCheck | undefined, path: string | undefined): readonly Finding[] {
  const as =
    (severity: Finding['severity']) =>
    (found: PolicyProblem): Finding => ({
      line: found.line,
      column: found.column,
      length: found.length,
      severity,
      message: [found.message, found.fix].filter(Boolean).join('. '),
    });
  const here = ({ file }: PolicyProblem): boolean => file === path;
  return [
    ...(check?.problems.filter(here).map(as('error')) ?? []),
    ...(check?.advice.filter(here).map(as('warning')) ?? []),
  ];
}

function useCompletion(): CompletionSource {
  const { data: words } = useQuery(vocabularyQuery);
  return useMemo(
    () => (context) => {
      const found =
        words === undefined ? undefined : completionsAt(context.state.sliceDoc(0, context.pos), words);
      if (found === undefined || (found.from === context.pos && !context.explicit)) return null;
      return {
        from: found.from,
        options: found.options.map(({ kind, detail, ...option }) => ({
          ...option,
          // What is written is the name as it is; what is offered shows what is in it (A3).
          displayLabel: visible(option.label).text,
          ...(detail === undefined ? {} : { detail: visible(detail).text }),
          type: kind,
        })),
        validFor: /^[\w.:*-]*$/,
      };
    },
    [words],
  );
}
