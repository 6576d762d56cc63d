/**
 * Code to read and to write, in CodeMirror: its colours are the console's tokens, its styles come in by the page's nonce.
 * Loaded only by views that show code. What somebody else wrote is drawn with hidden characters marked (A3).
 */

import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState, type Extension } from '@codemirror/state';
import { EditorView, highlightSpecialChars, lineNumbers } from '@codemirror/view';
import { visible } from '@countersign/core';
import { tags } from '@lezer/highlight';

const theme = EditorView.theme({
  '&': { backgroundColor: 'var(--sheet)', color: 'var(--ink)', fontSize: '13px' },
  '&.cm-focused': { outline: '2px solid var(--focus)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--ink)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sheet)', color: 'var(--ink-3)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--sunken)' },
  '.cm-selectionBackground, &.cm-focused .cm-selectionBackground': {
    backgroundColor: 'var(--blue-wash) !important',
  },
  '.cm-specialChar': { color: 'var(--violet)', backgroundColor: 'var(--violet-wash)' },
  '.cm-tooltip': {
    backgroundColor: 'var(--sheet)',
    color: 'var(--ink)',
    border: '1px solid var(--hairline)',
    boxShadow: 'var(--shadow)',
  },
  '.cm-tooltip-autocomplete ul li': { padding: '2px 8px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--hover)', color: 'var(--ink)' },
  '.cm-completionDetail': { color: 'var(--ink-2)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-diagnostic': { padding: '6px 12px', fontFamily: 'var(--sans)', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeft: '3px solid var(--red)' },
  '.cm-diagnostic-warning': { borderLeft: '3px solid var(--amber)' },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--red)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--amber)',
    textUnderlineOffset: '3px',
  },
  '.cm-lint-marker svg': { display: 'none' },
  '.cm-panels': { backgroundColor: 'var(--sunken)', color: 'var(--ink)', borderColor: 'var(--hairline)' },
  '.cm-searchMatch': { backgroundColor: 'var(--amber-wash)' },
  '.cm-changedLine': { backgroundColor: 'var(--green-wash) !important' },
  '.cm-deletedChunk': { backgroundColor: 'var(--red-wash) !important' },
  '.cm-changedText': { background: 'none', textDecoration: 'underline', textDecorationColor: 'var(--green)' },
  '.cm-deletedText, .cm-deletedLine del': {
    background: 'none',
    textDecoration: 'line-through',
    textDecorationColor: 'var(--red)',
  },
});

const colours = HighlightStyle.define([
  { tag: [tags.keyword, tags.definition(tags.propertyName), tags.propertyName], color: 'var(--blue)' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--green)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--amber)' },
  { tag: [tags.comment], color: 'var(--ink-3)' },
  { tag: [tags.invalid], color: 'var(--red)' },
]);

/** Beyond what CodeMirror marks by itself: bidirectional controls, tags, variation selectors, soft hyphens, fillers. */
const HIDDEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

export function baseOf({
  editable,
  label,
}: {
  readonly editable: boolean;
  readonly label: string;
}): Extension {
  return [
    EditorView.cspNonce.of(pageNonce()),
    theme,
    syntaxHighlighting(colours),
    lineNumbers(),
    highlightSpecialChars({ addSpecialChars: HIDDEN }),
    EditorView.lineWrapping,
    EditorView.editable.of(editable),
    // Keys reach what is only read, too.
    EditorState.readOnly.of(!editable),
    EditorView.contentAttributes.of({ 'aria-label': visible(label).text, tabindex: '0' }),
  ];
}

function pageNonce(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]');
  return meta?.nonce ?? '';
}
