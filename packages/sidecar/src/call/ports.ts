/** What the life of a call needs from the rest of the sidecar. */
import type { MessageContext } from '@tachograph/masking';
import type { GuardQuestions } from '@tachograph/policy';
import type { BundleAlert, Decision, PolicyCall, Principal, UpstreamSpec } from '@tachograph/protocol';
import type { Clock, Logger } from '@tachograph/service';
import type { LongBytes } from '../masking/long-bytes.ts';
import type { LongRequest } from '../masking/long-request.ts';
import type { LongMasked, MaskForm, RequestWants } from '../masking/mask-job.ts';
import type { MaskOutcome, MaskRefused } from '../masking/mask-outcome.ts';
import type { IsWanted } from '../masking/mask-thread.ts';
import type { ContentOf } from '../masking/message-content.ts';
import type { ApprovalPort } from '../approvals/approval-port.ts';
import type { HoldDesk, HoldLimits } from '../approvals/hold-desk.ts';
import type { ArgumentNames } from '../approvals/judged-arguments.ts';
import type { ServerStates } from '../approvals/server-state.ts';
import type { TaskLimits, TaskShelf } from '../approvals/task-shelf.ts';
import type { Recorder, RefusalCounter } from '../record/recorder.ts';
import type { Timers } from '../record/timers.ts';
import type { Credentials } from '../upstream/credentials.ts';
import type { Forwarder } from '../upstream/forwarder.ts';
import type { LoginPort } from '../auth-proxy/login-port.ts';
import type { LoginRoutes } from '../auth-proxy/login-routes.ts';
import type { LoginSeats } from '../auth-proxy/login-seats.ts';
import type { HostNames } from '../identity/host-names.ts';
import type { LoginServers } from '../identity/login-servers.ts';
import type { Alerts } from '../limits/alerts.ts';
import type { CallLimits, CompiledLimit } from '../limits/call-limits.ts';
import type { DriftFound } from '../ledger/inventory.ts';
import type { ToolLedger } from '../ledger/ledger.ts';
import type { LedgerPins } from '../ledger/pins.ts';
import type { AnswerRoom } from './answer-room.ts';
import type { GuardPort } from './guard.ts';
import type { Handles } from './handles.ts';
import type { CallMasks } from './mask.ts';
import type { OutputSchemas } from './output-schemas.ts';
import type { SessionStreams } from './session-streams.ts';
import type { SessionTracker } from './sessions.ts';
import type { Tally } from './tally.ts';
import type { ToolHints } from './tool-hints.ts';

/** The masker as the life of a call sees it. Never throws, never rejects: what goes wrong is an outcome. */
export interface MaskerPort {
  /** SHA-256 of the rule set. */
  readonly rulesHash: string;
  /** Names, paths, header values: at once, on this thread. */
  maskShort(text: string): MaskOutcome;
  /** A JSON-RPC message or batch; at once where it is short. */
  maskJson(text: string, context?: MessageContext): MaskOutcome | Promise<MaskOutcome>;
  maskText(text: string, context?: MessageContext): MaskOutcome | Promise<MaskOutcome>;
  /** Parses JSON that is too long to be parsed while other calls wait. */
  readLong(text: string): Promise<ContentOf | MaskRefused>;
  /** The same of bytes, which must be UTF-8. */
  readAnswer(body: LongBytes): Promise<ContentOf | MaskRefused>;
  /** Parses a long request as strictly as a short one. */
  readRequest(body: LongBytes, wants: RequestWants, isWanted?: IsWanted): Promise<LongRequest | MaskRefused>;
  /** Masks the bytes of a long message. Refused with `client_left` where it is not wanted when its turn comes. */
  maskBytes(
    form: MaskForm,
    body: LongBytes,
    context?: MessageContext,
    isWanted?: IsWanted,
  ): Promise<LongMasked | MaskRefused>;
}

/** The rules in force: one signed bundle, or one file. */
export interface PolicyInForce {
  /** SHA-256 of the bundle, hex. */
  readonly digest: string;
  readonly source: 'bundle' | 'file' | 'off';
  decide(call: PolicyCall): Decision;
  /** Whether some call to this target may pass, whatever its arguments: what lists show. */
  mayReach(call: PolicyCall): boolean;
  /** What is pinned, and what happens where the server differs. */
  readonly ledger: LedgerPins;
  readonly masker: MaskerPort;
  /** SHA-256 of what it says, hex: the same when it is only signed anew. */
  readonly content: string;
  /** What its guards ask about a call; absent: nothing. */
  readonly guards?: GuardQuestions | undefined;
  /** Arguments that its conditions read. */
  readonly judgedArguments: ArgumentNames;
  /** Asked before `decide`. */
  readonly limits?: readonly CompiledLimit[];
  readonly alerts?: readonly BundleAlert[];
  /** The header that the server gets from the sidecar. */
  readonly upstream?: UpstreamSpec | undefined;
  /** Present where the application says itself who calls; absent: the sidecar does. */
  readonly identity?: 'record-only' | undefined;
}

/** The newest valid bundle; `undefined`: none, so every call is refused. */
export interface PolicySource {
  current(): PolicyInForce | undefined;
}

export type TokenVerdict =
  | { readonly kind: 'known'; readonly principal: Principal; readonly names?: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: TokenRefusal }
  /** It cannot be found out now whether the token holds: no fault of the caller's. */
  | { readonly kind: 'unavailable'; readonly reason: TokenUnavailable };

export type TokenRefusal =
  | 'token_missing'
  /** Another scheme than Bearer. */
  | 'token_scheme'
  /** More than one `Authorization`. */
  | 'token_repeated'
  /** In the query, where logs and histories keep it. */
  | 'token_in_query'
  | 'token_malformed'
  | 'token_expired'
  | 'token_audience'
  | 'token_issuer'
  | 'token_signature'
  | 'token_algorithm'
  | 'token_claims'
  /** Longer than any that is read. */
  | 'token_too_long'
  /** It lives longer than its issuer's may. */
  | 'token_lifetime'
  /** The issuer is accepted for other subjects only. */
  | 'token_subject'
  /** Revoked here, or no longer accepted by the API server. */
  | 'token_revoked';

/** `issuer_keys`: the controller could not read the issuer's keys; `token_review`: it could not be asked for a review. */
export type TokenUnavailable = 'issuer_keys' | 'token_review';

/** Checks callers' tokens; answers at once for a token it has seen. */
export interface TokenCheck {
  check(token: string): TokenVerdict | Promise<TokenVerdict>;
  /** Why no token can be checked; `undefined` when they can. */
  unavailable(): string | undefined;
}

/** Where the bytes of a listener come from and go to. */
export interface Entry {
  readonly origin: 'network' | 'port-forward' | 'in-pod' | 'loopback-root';
  readonly forwarder: Forwarder;
}

/** Steps that settings switched off; each is itself recorded. */
export interface StepsOff {
  readonly identity: boolean;
  readonly policy: boolean;
  readonly masking: boolean;
  readonly record: boolean;
}

/** Settings of the life of a call. */
export interface CallSettings {
  readonly mcpPaths: ReadonlySet<string>;
  readonly passthrough: readonly PassthroughEntry[];
  readonly healthPaths: ReadonlySet<string>;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly maxBodyBytes: number;
  readonly nonce: string | undefined;
  readonly hold: HoldSettings;
  readonly off: StepsOff;
}

/** How long a call waits for a person in one piece. */
export interface HoldSettings {
  /** Clients that nobody knows give up after a minute. */
  readonly answerMs: number;
  /** Clients whose clock starts anew with every sign of life. */
  readonly patientMs: number;
  /** Their own names; a name gives no right. */
  readonly patientClients: ReadonlySet<string>;
  /** Clients of 2025-11-25 that get the page as error -32042 where others are told to call again: names too. */
  readonly pageClients: ReadonlySet<string>;
  readonly limits: HoldLimits;
  readonly tasks: TaskLimits;
}

/** `GET /assets/*`: one method and an exact path, or a prefix ending in `*`. */
export interface PassthroughEntry {
  readonly method: string;
  readonly path: string;
  readonly prefix: boolean;
}

export interface CallContext {
  readonly settings: CallSettings;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: Recorder;
  readonly refusals: RefusalCounter;
  readonly policy: PolicySource;
  readonly tokens: TokenCheck;
  readonly hosts: HostNames;
  /** Where people log in. */
  readonly loginServers: LoginServers;
  readonly loginRoutes: LoginRoutes;
  readonly loginSeats: LoginSeats;
  /** The way to the auth server; `undefined` without a controller. */
  readonly login: LoginPort | undefined;
  readonly masks: CallMasks;
  readonly sessions: SessionTracker;
  /** Of events, and of servers' own tasks. */
  readonly eventIds: Handles;
  readonly taskIds: Handles;
  readonly tally: Tally;
  readonly answers: AnswerRoom;
  /** The same for long request bodies. */
  readonly requests: AnswerRoom;
  readonly schemas: OutputSchemas;
  readonly hints: ToolHints;
  readonly ledger: ToolLedger;
  /** Counts each definition that is not the pinned one. */
  readonly onDrift: (drift: DriftFound) => void;
  readonly limits: CallLimits;
  readonly credentials: Credentials;
  readonly alerts: Alerts;
  /** Where people are asked; `undefined` without a controller. */
  readonly approvals: ApprovalPort | undefined;
  readonly serverStates: ServerStates;
  readonly guards: GuardPort;
  readonly holds: HoldDesk;
  /** Held calls that are hosted as tasks. */
  readonly tasks: TaskShelf;
  readonly streams: SessionStreams;
  readonly timers: Timers;
  /** The workload's URI. */
  readonly workload: string;
}
