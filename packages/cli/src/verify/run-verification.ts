/** One `tacho verify`: inputs, memory, the run itself, and what it leaves behind. */
import type { KeyObject } from 'node:crypto';
import {
  type Finding,
  type KeptCheckpoint,
  type PodAudit,
  type StreamRunner,
  type StreamState,
  verifyArchive,
  type VerifyOptions,
  type VerifyReport,
} from '@tachograph/archive';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { nodeGunzip } from '../archive/node-gunzip.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { isExportFile, verifyExportFile } from '../export/verify-export-file.ts';
import { programVersion } from '../version.ts';
import { type CheckpointMemory, defaultStateFile, openCheckpointMemory } from './checkpoint-memory.ts';
import { interruptible, type Interruption } from './interruption.ts';
import { openForVerify, type VerifiedArchive } from './open-for-verify.ts';
import { writeReportFiles } from './report-files.ts';
import { createResumeWriter, readResumeFile, type ResumeSubject } from './resume-file.ts';
import { createStreamRunner } from './run-streams.ts';
import { keepHeapSmall } from './small-heap.ts';
import { type PolicyInput, readPodAudit, readPolicy, readSignKey, readText } from './verify-inputs.ts';
import { createVerifyProgress } from './verify-progress.ts';

/** What the person asked for. */
export interface VerifyFlags {
  readonly policy: string;
  readonly witnessPolicy?: string;
  readonly requireWitness?: boolean;
  /** Seconds. */
  readonly maxAge?: number;
  readonly pinnedCheckpoint?: string;
  readonly state?: string;
  readonly remember: boolean;
  readonly pods?: string;
  readonly report?: string;
  readonly signKey?: string;
  readonly resume?: string;
  readonly jobs: number;
  readonly progress?: boolean;
  readonly endpoint?: string;
}

/** What came of it. `findings`: those that are listed. */
export interface VerificationResult {
  readonly report: VerifyReport;
  readonly findings: readonly Finding[];
}

interface Inputs {
  readonly policy: PolicyInput;
  readonly pinned: string | undefined;
  readonly podAudit: PodAudit | undefined;
  readonly signKey: KeyObject | undefined;
  readonly memory: CheckpointMemory | undefined;
}

/** More findings than a person reads; the counts go on. */
const keptFindings = 10_000;

/** Verifies, remembers, and writes the report. */
export async function runVerification(
  context: CliContext,
  address: string,
  flags: VerifyFlags,
): Promise<VerificationResult> {
  const startedAt = new Date(context.nowMs()).toISOString();
  const inputs = await readInputs(context, flags);
  if (await isExportFile(address)) return await verifyExported(context, address, { flags, inputs, startedAt });
  const archive = await openForVerify(context, address, flags.endpoint);
  const hint =
    flags.resume === undefined ? 'nothing is kept without --resume FILE' : `go on with --resume ${flags.resume}`;
  const result = await interruptible(context, hint, async (interruption) =>
    verifyOpened(context, { archive, flags, inputs, interruption }),
  );
  const warning = await inputs.memory?.remember(result.report, startedAt);
  if (warning !== undefined) context.err(`tacho: ${warning}\n`);
  if (flags.report !== undefined) {
    const finishedAt = new Date(context.nowMs()).toISOString();
    await writeReport(flags.report, { ...result, inputs, archive: address, startedAt, finishedAt });
  }
  return result;
}

/** One session's zip. Its checkpoint is not remembered: nothing shows that it extends the one before. */
async function verifyExported(
  context: CliContext,
  address: string,
  { flags, inputs, startedAt }: { flags: VerifyFlags; inputs: Inputs; startedAt: string },
): Promise<VerificationResult> {
  const needless = (['pinnedCheckpoint', 'pods', 'resume'] as const).find((flag) => flags[flag] !== undefined);
  if (needless !== undefined) throw new CliError('usage', `an exported zip is one session: no ${needless} with it`);
  const { policy } = inputs.policy;
  const result = await verifyExportFile(address, {
    policy,
    witnesses: {
      required: isWitnessDemanded(flags),
      ...(flags.maxAge === undefined ? {} : { maxAgeS: flags.maxAge }),
    },
    nowMs: context.nowMs(),
    maxFindings: keptFindings,
  });
  if (flags.report !== undefined) {
    const finishedAt = new Date(context.nowMs()).toISOString();
    await writeReport(flags.report, { ...result, inputs, archive: address, startedAt, finishedAt });
  }
  return result;
}

async function readInputs(context: CliContext, flags: VerifyFlags): Promise<Inputs> {
  const policy = await readPolicy(flags.policy, flags.witnessPolicy);
  if (isWitnessDemanded(flags) && policy.policy.quorum === 'none') {
    throw new CliError('usage', 'witnesses are demanded, but the quorum of the policy is none');
  }
  if (flags.signKey !== undefined && flags.report === undefined) {
    throw new CliError('usage', '--sign-key signs a report: it needs --report DIR');
  }
  const { pinnedCheckpoint, pods, signKey } = flags;
  return {
    policy,
    pinned: pinnedCheckpoint === undefined ? undefined : await readText(pinnedCheckpoint),
    podAudit: pods === undefined ? undefined : await readPodAudit(pods),
    signKey: signKey === undefined ? undefined : await readSignKey(signKey),
    memory: await openMemory(context, flags, policy),
  };
}

function isWitnessDemanded({ witnessPolicy, requireWitness, maxAge }: VerifyFlags): boolean {
  return witnessPolicy !== undefined || requireWitness === true || maxAge !== undefined;
}

async function openMemory(
  context: CliContext,
  { remember, state }: VerifyFlags,
  { policy }: PolicyInput,
): Promise<CheckpointMemory | undefined> {
  const file = state ?? defaultStateFile(context);
  return remember && file !== undefined ? await openCheckpointMemory(file, policy) : undefined;
}

interface Run {
  readonly archive: VerifiedArchive;
  readonly flags: VerifyFlags;
  readonly inputs: Inputs;
  readonly interruption: Interruption;
}

async function verifyOpened(context: CliContext, run: Run): Promise<VerificationResult> {
  keepHeapSmall();
  const findings: Finding[] = [];
  const progress = createVerifyProgress(context, run.flags.progress === true);
  const streams = await prepareStreams(context, run);
  try {
    const report = await verifyArchive({
      ...optionsOf(context, run),
      ...streams.options,
      progress: (step) => {
        if (step.phase !== 'segments') run.interruption.throwIfInterrupted();
        progress.show(step);
      },
      onFinding: (finding) => {
        if (findings.length < keptFindings) findings.push(finding);
      },
    });
    await streams.finish();
    return { report, findings };
  } finally {
    progress.stop();
    streams.close();
  }
}

type Common = Omit<VerifyOptions, 'progress' | 'onFinding'>;

function optionsOf(context: CliContext, { archive, flags, inputs }: Run): Common {
  const { policy, pinned, podAudit, memory } = inputs;
  const kept: readonly KeptCheckpoint[] = memory?.remembered === undefined ? [] : [memory.remembered];
  return {
    source: archive.source,
    policy: policy.policy,
    crypto: nodeCrypto,
    gunzip: nodeGunzip,
    nowMs: context.nowMs(),
    kept,
    witnesses: {
      required: isWitnessDemanded(flags),
      ...(flags.maxAge === undefined ? {} : { maxAgeS: flags.maxAge }),
    },
    ...(pinned === undefined ? {} : { pinnedCheckpoint: pinned }),
    ...(podAudit === undefined ? {} : { podAudit }),
  };
}

interface Streams {
  readonly options: Pick<VerifyOptions, 'resume' | 'onLog' | 'runStreams'>;
  /** The run is through: there is nothing to go on with. */
  readonly finish: () => Promise<void>;
  readonly close: () => void;
}

/** Where an earlier run stood, how streams are run, and what is kept of them. */
async function prepareStreams(context: CliContext, run: Run): Promise<Streams> {
  const { archive, flags, inputs, interruption } = run;
  const subject: ResumeSubject = {
    archive: archive.address,
    policy: `${inputs.policy.sha256} ${inputs.policy.witnessSha256 ?? ''}`.trim(),
    version: programVersion(),
  };
  const read = flags.resume === undefined ? undefined : await readResumeFile(flags.resume, subject);
  if (read?.kind === 'mismatch')
    context.err(`tacho: ${flags.resume} is of another archive, policy or version: beginning anew\n`);
  const kept = read?.kind === 'ok' ? read.kept : undefined;
  const writer = flags.resume === undefined ? undefined : createResumeWriter(flags.resume, subject, kept);
  let runner: StreamRunner | undefined;
  return {
    options: {
      ...(read?.kind === 'ok' ? { resume: read.point } : {}),
      onLog(log) {
        if (read?.kind === 'ok') context.err(resumeText(log.resumed, read.streams));
        writer?.begin(log);
        const save = writer === undefined ? undefined : (state: StreamState): void => writer.save(state);
        const ports = { source: archive.source, crypto: nodeCrypto, gunzip: nodeGunzip };
        const { nowMs } = context;
        runner = createStreamRunner({ ports, archive, jobs: flags.jobs, nowMs, interruption, save }, log);
      },
      runStreams: (tasks, onSegment) => (runner ?? noRunner)(tasks, onSegment),
    },
    finish: async () => writer?.finish(),
    close: () => writer?.close(),
  };
}

async function* noRunner(): ReturnType<StreamRunner> {}

function resumeText(resumed: boolean, streams: number): string {
  return resumed
    ? `tacho: going on with what an earlier run kept of ${streams} streams\n`
    : 'tacho: the log does not extend the one of the earlier run: beginning anew\n';
}

async function writeReport(
  dir: string,
  facts: VerificationResult & { inputs: Inputs; archive: string; startedAt: string; finishedAt: string },
): Promise<void> {
  const { report, findings, inputs, archive, startedAt, finishedAt } = facts;
  const { policy, sha256, witnessSha256 } = inputs.policy;
  const { findings: counts, ...rest } = report;
  const document = {
    v: 1,
    kind: 'tachograph.verify-report',
    verifier: { program: 'tacho', version: programVersion() },
    startedAt,
    finishedAt,
    archive,
    policy: { sha256, ...(witnessSha256 === undefined ? {} : { witnessSha256 }), quorum: policy.quorum },
    ...rest,
    findings: { counts, listed: findings.length, list: findings },
  } as const;
  await writeReportFiles(dir, document, inputs.signKey);
}
