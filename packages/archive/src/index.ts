export { ArchiveError, type ArchiveErrorCode } from './archive-error.ts';
export {
  type Batch,
  formatBatch,
  parseBatch,
  parseBatchNote,
  signBatch,
  type VerifiedBatch,
  verifyBatch,
} from './batch.ts';
export { concatBytes, equalBytes, fromBase64, fromHex, toBase64, toHex, utf8 } from './bytes.ts';
export {
  type Checkpoint,
  formatCheckpoint,
  parseCheckpoint,
  parseCheckpointNote,
  signCheckpoint,
  verifyCheckpoint,
} from './checkpoint.ts';
export {
  createTileFollower,
  type PublishedTiles,
  type TileFollower,
  type TileFollowerOptions,
  type TileSink,
  type TileSource,
} from './follow-tiles.ts';
export {
  createTiler,
  formatBundle,
  parseBundle,
  restoreTiler,
  tilePath,
  tileWidth,
  type Tiler,
  type TileObject,
} from './tiles.ts';
export {
  createLogHashes,
  type LogHashes,
  readConsistencyProof,
  readInclusionProof,
  type TreeHashes,
} from './tree-hashes.ts';
export type { Crypto, Sign } from './crypto.ts';
export { type ExportManifest, exportNames, parseExportManifest } from './export/export-manifest.ts';
export { createInclusionProver, type InclusionProver } from './export/inclusion-prover.ts';
export { formatTlogProof, parseTlogProof, type TlogProof } from './export/tlog-proof.ts';
export { verifyExport, type VerifyExportOptions } from './export/verify-export.ts';
export { encodeRecord, type RecordEnvelope } from './encode-record.ts';
export { hashLine, type Head, signHead, verifyHead } from './head.ts';
export { keyId, rawKeyOfSpki, spkiOfRawKey } from './keys.ts';
export { type Line, splitLines } from './lines.ts';
export { assertLeafText, hashLogLeaf } from './log-leaf.ts';
export { createTree, hashLeaf, hashNode, rootOf, type Tree, type TreeState } from './merkle.ts';
export {
  type ConsistencyClaim,
  consistencyProof,
  type InclusionClaim,
  inclusionProof,
  verifyConsistency,
  verifyInclusion,
} from './merkle-proof.ts';
export {
  createNoteKey,
  formatNote,
  formatVkey,
  isSigner,
  type Note,
  type NoteKey,
  noteKeyTypes,
  type NoteSignature,
  type OpenedNote,
  openNote,
  parseNote,
  parseVkey,
  signNote,
  signNoteText,
} from './note.ts';
export {
  type BrokenSegment,
  type CheckedSegment,
  checkSegment,
  type ClosedSession,
  type SegmentCheck,
  type SegmentExpectation,
} from './segment.ts';
export { readAhead } from './read-ahead.ts';
export { createSessionRoot, type SessionRoot } from './session-root.ts';
export { cosign, verifyCosignature } from './cosignature.ts';
export { type KeyObject, parseKeyObject } from './key-object.ts';
export {
  formatLogPolicy,
  type LogPolicy,
  meetsQuorum,
  type ParsedPolicy,
  parseLogPolicy,
  parseWitnessPolicy,
  type WitnessGroup,
} from './log-policy.ts';
export { createPeriodCounter, differsFrom, hourMs, type PeriodCounter, type PeriodFacts } from './period.ts';
export { parsePullList, type PullList, pullListName, type PullSelection, type SessionSelection } from './pull-list.ts';
export type { ArchiveSource, Gunzip, ListedObject, Unzipped } from './verify/archive-source.ts';
export { type Finding, type FindingKind, findingSeverity, type Place, type Severity } from './verify/finding.ts';
export type { KeptCheckpoint } from './verify/kept-checkpoint.ts';
export { type AuditedPod, createPodAuditReader, type PodAudit, type PodAuditReader } from './verify/pod-audit.ts';
export {
  type StreamOutcome,
  type StreamPorts,
  type StreamResult,
  type StreamRunner,
  type StreamState,
  type StreamTask,
  verifyStreamTask,
} from './verify/stream-task.ts';
export { fromStreamTaskData, type StreamTaskData, toStreamTaskData } from './verify/stream-task-data.ts';
export type { Progress, VerifyCounts } from './verify/verification.ts';
export { type RebuiltLog, type ResumePoint, verifyArchive, type VerifyOptions } from './verify/verify-archive.ts';
export type { WitnessDemand, WitnessReport } from './verify/witness-tally.ts';
export { type Anchor, type Verdict, verdictExitCode, type VerifyReport } from './verify/verify-report.ts';
