/** What changed in a text, before and after in one column; what did not change is folded away. */
import { yaml } from '@codemirror/lang-yaml';
import { unifiedMergeView } from '@codemirror/merge';
import { EditorState } from '@codemirror/state';
import { EditorView } from '@codemirror/view';
import { useEffect, useRef } from 'react';
import styles from './code.module.css';
import { baseOf } from './setup.ts';

export type DiffProps = { readonly label: string; readonly before: string; readonly after: string };

export function Diff({ label, before, after }: DiffProps) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const view = new EditorView({
      parent: host.current ?? document.body,
      state: EditorState.create({
        doc: after,
        extensions: [
          baseOf({ editable: false, label }),
          EditorState.readOnly.of(true),
          yaml(),
          unifiedMergeView({
            original: before,
            mergeControls: false,
            gutter: true,
            collapseUnchanged: { margin: 3, minSize: 6 },
          }),
        ],
      }),
    });
    // What scrolls can be scrolled by keyboard.
    view.scrollDOM.tabIndex = 0;
    return () => view.destroy();
  }, [label, before, after]);
  return <div ref={host} className={styles['code']} />;
}
