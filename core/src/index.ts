// The public face of @countersign/core: what is true about actions, decisions, reviews and the log. No I/O, no clock.
export * from './action.ts';
export * from './approval.ts';
export * from './decision.ts';
export {
  formatLine,
  LINES_CHARS_MAX,
  LINES_MAX,
  type Line,
  type LinesOptions,
  type Redactions,
  type Rendering,
  renderJson,
} from './display/lines.ts';
export { pointerTo } from './display/pointer.ts';
export { type Redaction, redactionMark } from './display/redaction.ts';
export {
  escapeTerminal,
  type Finding,
  type Visible,
  type VisibleOptions,
  visible,
} from './display/visible.ts';
export * from './evaluation.ts';
export * from './people.ts';
export * from './request.ts';
export * from './requirement.ts';
export * from './review.ts';
