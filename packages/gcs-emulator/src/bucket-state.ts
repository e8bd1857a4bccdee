import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { readJson, writeJsonAtomic } from './atomic-file.ts';
import {
  type BucketRecord,
  type ObjectHistory,
  type ObjectVersion,
  type SoftDeletedVersion,
  isBucketRecord,
  isObjectHistory,
} from './resources.ts';

/**
 * One bucket on disk and in memory. A name's history is one JSON file, replaced atomically: it is the commit point.
 * Content files are written before it and removed after it, so that a kill leaves at most an unreferenced file.
 */
export class BucketState {
  readonly #directory: string;
  readonly #histories = new Map<string, ObjectHistory>();
  #sorted: string[] | undefined;
  #record: BucketRecord;

  constructor(directory: string, record: BucketRecord) {
    this.#directory = directory;
    this.#record = record;
  }

  /** Reads a bucket back; undefined for a directory without `bucket.json`, which is a creation that never committed. */
  static load(directory: string): BucketState | undefined {
    const record = readJson(join(directory, 'bucket.json'), isBucketRecord);
    if (record === undefined) return undefined;
    const state = new BucketState(directory, record);
    state.#loadHistories();
    return state;
  }

  get record(): BucketRecord {
    return this.#record;
  }

  saveRecord(record: BucketRecord): void {
    mkdirSync(join(this.#directory, 'objects'), { recursive: true });
    writeJsonAtomic(join(this.#directory, 'bucket.json'), record);
    this.#record = record;
  }

  history(name: string): ObjectHistory | undefined {
    return this.#histories.get(name);
  }

  /** Every name that has a version, in the order of its UTF-8 bytes, as GCS lists. */
  sortedNames(): readonly string[] {
    this.#sorted ??= [...this.#histories.keys()].toSorted(compareUtf8);
    return this.#sorted;
  }

  get isEmpty(): boolean {
    return [...this.#histories.values()].every(({ versions }) => versions.length === 0);
  }

  get newestGeneration(): number {
    return [...this.#histories.values()].flatMap(generationsOf).reduce((newest, one) => Math.max(newest, one), 0);
  }

  contentPath(name: string, generation: number): string {
    return join(this.#objectDirectory(name), String(generation));
  }

  /** Moves a finished upload to its place; nothing refers to it until the history is saved. */
  adoptContent(receivedPath: string, name: string, generation: number): void {
    mkdirSync(this.#objectDirectory(name), { recursive: true });
    renameSync(receivedPath, this.contentPath(name, generation));
  }

  /** The commit. Generations that are missing from before are soft-deleted where the bucket does that, else lost. */
  saveHistory({ name, versions }: Pick<ObjectHistory, 'name' | 'versions'>, nowMs: number): void {
    const before = this.#histories.get(name);
    const kept = new Set(versions.map(({ generation }) => generation));
    const gone = (before?.versions ?? []).filter(({ generation }) => !kept.has(generation));
    const restorable = (before?.softDeleted ?? []).filter(({ generation }) => !kept.has(generation));
    this.#commit(before, { name, versions, softDeleted: [...restorable, ...this.#softDelete(gone, nowMs)] });
  }

  /** Puts a soft-deleted generation back as another, live one; its content moves. */
  restore(history: ObjectHistory, from: SoftDeletedVersion, to: readonly ObjectVersion[]): void {
    const fresh = to.at(-1)?.generation ?? 0;
    copyFileSync(this.contentPath(history.name, from.generation), this.contentPath(history.name, fresh));
    const softDeleted = (history.softDeleted ?? []).filter((one) => one !== from);
    this.#commit(history, { name: history.name, versions: to, softDeleted });
  }

  /** Loses for good what was soft-deleted long enough ago. */
  forgetSoftDeleted(nowMs: number): void {
    for (const history of this.#histories.values()) {
      const left = (history.softDeleted ?? []).filter(({ hardDeleteTime }) => Date.parse(hardDeleteTime) > nowMs);
      if (left.length !== (history.softDeleted ?? []).length) this.#commit(history, { ...history, softDeleted: left });
    }
  }

  #softDelete(gone: readonly ObjectVersion[], nowMs: number): readonly SoftDeletedVersion[] {
    const keptMs = Number(this.#record.softDeletePolicy?.retentionDurationSeconds ?? 0) * 1000;
    if (keptMs === 0) return [];
    const softDeleteTime = new Date(nowMs).toISOString();
    const hardDeleteTime = new Date(nowMs + keptMs).toISOString();
    return gone.map((version) => ({ ...version, softDeleteTime, hardDeleteTime }));
  }

  /** Afterwards content that no version names any more is removed. */
  #commit(before: ObjectHistory | undefined, after: ObjectHistory): void {
    const { name, versions, softDeleted = [] } = after;
    if (versions.length === 0 && softDeleted.length === 0) {
      this.#removeHistory(name);
      return;
    }
    writeJsonAtomic(join(this.#objectDirectory(name), 'history.json'), after);
    this.#histories.set(name, after);
    if (before === undefined) this.#addName(name);
    const kept = new Set(generationsOf(after));
    for (const generation of before === undefined ? [] : generationsOf(before)) {
      if (!kept.has(generation)) rmSync(this.contentPath(name, generation), { force: true });
    }
  }

  remove(): void {
    rmSync(join(this.#directory, 'bucket.json'), { force: true });
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #removeHistory(name: string): void {
    // The history goes first: a kill in between leaves unreferenced content, never a reference without content.
    rmSync(join(this.#objectDirectory(name), 'history.json'), { force: true });
    rmSync(this.#objectDirectory(name), { recursive: true, force: true });
    this.#histories.delete(name);
    this.#sorted = undefined;
  }

  #addName(name: string): void {
    const names = this.#sorted;
    if (names === undefined) return;
    const last = names.at(-1);
    if (last === undefined || compareUtf8(last, name) < 0) names.push(name);
    else this.#sorted = undefined;
  }

  #objectDirectory(name: string): string {
    const digest = createHash('sha256').update(name).digest('hex');
    return join(this.#directory, 'objects', digest.slice(0, 2), digest);
  }

  #loadHistories(): void {
    const root = join(this.#directory, 'objects');
    if (!existsSync(root)) return;
    const directories = readdirSync(root).flatMap((shard) =>
      readdirSync(join(root, shard)).map((entry) => join(root, shard, entry)),
    );
    for (const directory of directories) {
      const history = readJson(join(directory, 'history.json'), isObjectHistory);
      if (history === undefined) rmSync(directory, { recursive: true, force: true });
      else this.#adoptHistory(directory, history);
    }
  }

  #adoptHistory(directory: string, history: ObjectHistory): void {
    this.#histories.set(history.name, history);
    const kept = new Set(['history.json', ...generationsOf(history).map(String)]);
    for (const entry of readdirSync(directory)) {
      if (!kept.has(entry)) rmSync(join(directory, entry), { force: true });
    }
  }
}

/** Every generation whose bytes are there. */
function generationsOf({ versions, softDeleted = [] }: ObjectHistory): readonly number[] {
  return [...versions, ...softDeleted].map(({ generation }) => generation);
}

/** Orders text by its UTF-8 bytes; plain comparison would order surrogate pairs wrongly. */
export function compareUtf8(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
