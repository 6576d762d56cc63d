// The public face of @countersign/core: what is true about actions, decisions, reviews and the log. No I/O, no clock.

export { hmacSha256, sha256 } from '#sha256';
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
export { keyPointer, pointerTo } from './display/pointer.ts';
export { type Redaction, redactionMark } from './display/redaction.ts';
export {
  escapeTerminal,
  type Finding,
  type Visible,
  type VisibleOptions,
  visible,
} from './display/visible.ts';
export { decodeBase64, decodeBase64Url, encodeBase64, encodeBase64Url } from './encoding/base64.ts';
export { concatBytes, equalBytes } from './encoding/bytes.ts';
export { EncodingError, type EncodingErrorCode } from './encoding/error.ts';
export { decodeHex, encodeHex } from './encoding/hex.ts';
export { decodeUtf8, encodeUtf8 } from './encoding/utf8.ts';
export * from './evaluation.ts';
export { CanonicalError, canonicalBytes, canonicalize } from './json/canonical.ts';
export { JsonError, type JsonErrorCode } from './json/error.ts';
export {
  JSON_BYTES_MAX,
  JSON_DEPTH_CEILING,
  JSON_DEPTH_MAX,
  type JsonLimits,
  parseJson,
} from './json/parse.ts';
export {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonArray,
  type JsonObject,
  member,
} from './json/value.ts';
export * from './people.ts';
export * from './request.ts';
export * from './requirement.ts';
export * from './review.ts';
