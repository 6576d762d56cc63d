/** An editor for one text: what is wrong in place, completion, undo. The text is the view's; the cursor is its own. */
import {
  acceptCompletion,
  autocompletion,
  type CompletionSource,
  completionKeymap,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import { type Diagnostic, lintGutter, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, searchKeymap } from '@codemirror/search';
import { EditorState, Prec } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap } from '@codemirror/view';
import { visible } from '@countersign/core';
import { useEffect, useRef } from 'react';
import styles from './code.module.css';
import { baseOf } from './setup.ts';

export type Finding = {
  /** From 1. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  readonly severity: 'error' | 'warning';
  readonly message: string;
};
export type EditorProps = {
  readonly label: string;
  readonly value: string;
  /** Without it, the text is only read. */
  readonly onChange?: (value: string) => void;
  readonly findings: readonly Finding[];
  readonly complete: CompletionSource;
  /** Puts the cursor there and shows it; counted from 1. */
  readonly line?: number | undefined;
};

export function Editor({ label, value, onChange, findings, complete, line }: EditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  const latest = useRef({ onChange, complete, value });
  latest.current = { onChange, complete, value };
  useEffect(() => {
    const made = new EditorView({
      parent: host.current ?? document.body,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          baseOf({ editable: latest.current.onChange !== undefined, label }),
          history(),
          drawSelection(),
          highlightActiveLine(),
          highlightSelectionMatches(),
          yaml(),
          lintGutter(),
          autocompletion({ override: [(context) => latest.current.complete(context)] }),
          Prec.highest(keymap.of([{ key: 'Tab', run: acceptCompletion }])),
          // Escape, then Tab, leaves the editor: nobody is caught in it (WCAG 2.1.2).
          keymap.of([
            ...defaultKeymap,
            ...historyKeymap,
            ...searchKeymap,
            ...completionKeymap,
            indentWithTab,
          ]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) latest.current.onChange?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = made;
    return () => made.destroy();
  }, [label]);
  useEffect(() => {
    const now = view.current;
    if (now === null || now.state.doc.toString() === value) return;
    now.dispatch({ changes: { from: 0, to: now.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const now = view.current;
    if (now !== null)
      now.dispatch(
        setDiagnostics(
          now.state,
          findings.flatMap((one) => placed(now.state, one)),
        ),
      );
  }, [findings]);
  useEffect(() => {
    const now = view.current;
    if (now === null || line === undefined || line > now.state.doc.lines) return;
    const at = now.state.doc.line(line).from;
    now.dispatch({ selection: { anchor: at }, effects: EditorView.scrollIntoView(at, { y: 'center' }) });
  }, [line]);
  return <div ref={host} className={styles['code']} />;
}

function placed(
  { doc }: EditorState,
  { line, column, length, severity, message }: Finding,
): readonly Diagnostic[] {
  if (line < 1 || line > doc.lines) return [];
  const { from, to } = doc.line(line);
  const start = Math.min(from + column - 1, to);
  return [
    { from: start, to: Math.min(start + Math.max(length, 1), to), severity, message: visible(message).text },
  ];
}
