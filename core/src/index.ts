// The public face of @countersign/core: what is true about actions, decisions, reviews and the log. No I/O, no clock.

export { hmacSha256, sha256 } from '#sha256';
export * from './action.ts';
export * from './approval.ts';
export * from './decision.ts';
export { type Compacting, compact } from './display/compact.ts';
export { type Hidden, hideRedacted } from './display/hide.ts';
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
export { patchSigns } from './display/patch.ts';
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
export { LogError, type LogErrorCode } from './log/error.ts';
export { ENTRY_BYTES_MAX, emptyRoot, HASH_BYTES, leafHash, nodeHash } from './log/hash.ts';
export { type Checkpoint, formatCheckpoint, parseCheckpoint } from './log/note/checkpoint.ts';
export { cosignatureMessage, joinCosignature, splitCosignature } from './log/note/cosignature.ts';
export { formatNote, type NoteSignature, parseNote, type SignedNote } from './log/note/signed-note.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './log/note/tlog-proof.ts';
export {
  formatVerifierKey,
  type NoteAlgorithm,
  parseVerifierKey,
  type VerifierKey,
  verifierKey,
} from './log/note/verifier-key.ts';
export {
  type Ed25519Verify,
  type NoteVerification,
  type VerifiedSignature,
  verifyEd25519,
  verifyNote,
} from './log/note/verify.ts';
export {
  consistencyPlan,
  foldRight,
  type HashReader,
  inclusionPlan,
  nodesOf,
  type ProofPlan,
  proofFrom,
  rootPlan,
  type TreeNode,
} from './log/plan.ts';
export { CompactRange } from './log/range.ts';
export { decodeEntryBundle, encodeEntryBundle } from './log/tiles/bundle.ts';
export { parseTilePath, TILE_WIDTH, type Tile, tilePath } from './log/tiles/coordinates.ts';
export { readerOverTiles, tileOf, tilesBetween, tilesFor } from './log/tiles/tree.ts';
export {
  type Consistency,
  type Inclusion,
  rootFromInclusion,
  verifyConsistency,
  verifyInclusion,
} from './log/verify.ts';
export * from './people.ts';
export * from './request.ts';
export * from './requirement.ts';
export {
  type AfterGlass,
  GLASS_LASTS_MS_MAX,
  type GlassEligibility,
  glassEligibility,
  glassLasts,
  type JudgeEligibility,
  judgeEligibility,
  NO_GLASS,
  NO_JUDGE,
  type NoGlass,
  type NoJudge,
} from './review/break-glass.ts';
export * from './review/duties.ts';
export {
  type Case,
  type Cast,
  canBeReviewed,
  type Eligibility,
  eligibility,
  entitlement,
  INELIGIBLE,
  type Ineligible,
  NO_LONGER,
  type ReviewDecision,
  standingVotes,
  voteOf,
} from './review/eligibility.ts';
export { type Quorum, quorum, type Vote } from './review/quorum.ts';
export {
  ASSERTION_FAULTS,
  type Assertion,
  type AssertionFault,
  type AssertionRead,
  type AssertionText,
  AUTHENTICATOR_DATA_BYTES_MAX,
  CLIENT_DATA_BYTES_MAX,
  decodeAssertion,
  readAssertion,
  SIGNATURE_BYTES_MAX,
} from './signed-review/assertion.ts';
export {
  assertReviewDocument,
  NONCE_BYTES,
  parseReviewDocument,
  REVIEW_DOCUMENT_TYPE,
  type ReviewDocument,
  reviewChallenge,
  reviewDocumentText,
  SIGNED_DECISIONS,
  type SignedDecision,
  sealedDigest,
} from './signed-review/document.ts';
export {
  APPROVAL_TOKEN_TYPE,
  type ApprovalTokenClaims,
  assertApprovalTokenClaims,
  PRIVILEGED_ACTION,
  type PrivilegedAction,
} from './wire/approval-token.ts';
export {
  type DsseSignature,
  type Envelope,
  type EnvelopeJson,
  envelopeToJson,
  IN_TOTO_PAYLOAD_TYPE,
  preAuthEncoding,
  readEnvelope,
} from './wire/dsse.ts';
export { WireError, type WireErrorCode } from './wire/error.ts';
export { derFromRaw, type Es256Verify, keyHint, rawFromDer, verifyEs256 } from './wire/es256.ts';
export { HASHEDREKORD, type HashedRekord, hashedRekordBytes, hashedRekordText } from './wire/hashedrekord.ts';
export {
  buildReceipt,
  RECEIPT_MEDIA_TYPE,
  type Receipt,
  type ReceiptJson,
  readReceipt,
} from './wire/receipt/build.ts';
export {
  logIdOf,
  RECEIPT_FINDINGS,
  type ReceiptChecks,
  type ReceiptFinding,
  type ReceiptTrust,
  type ReceiptVerification,
  verifyReceipt,
} from './wire/receipt/verify.ts';
export { isSealed, opens, SALT_BYTES_MIN, type Sealed, seal } from './wire/sealed.ts';
export {
  ATTESTATION_KINDS,
  type AttestationKind,
  assertStatement,
  type CommonMembers,
  EXECUTION_STATUSES,
  kindOf,
  type Predicate,
  parseStatement,
  type Statement,
  statementBytes,
  statementOf,
  statementText,
} from './wire/statement.ts';
