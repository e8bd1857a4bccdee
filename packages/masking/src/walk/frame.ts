import type { KeyClass } from '../detectors/key-matcher.ts';
import { decodeString } from './decode-string.ts';
import type { HeldBlob } from './opaque-blob.ts';
import type { MemberRole, Position } from './member.ts';

/** One open container of the walk. Frames are reused: a message costs as many as it is deep. */
export interface Frame {
  isArray: boolean;
  position: Position;
  /** No member read yet. */
  isFresh: boolean;
  index: number;
  /** The current member's name, raw. */
  keyStart: number;
  keyEnd: number;
  /** The name decoded or masked, where it had to be looked at. */
  keyText: string | undefined;
  role: MemberRole;
  /** The name holds a keyword of some rule. */
  isNameLoud: boolean;
  /** What the current value is to be masked as. */
  keyClass: KeyClass | undefined;
  /** What an array's elements are to be masked as: the class of the member that holds the array. */
  inherited: KeyClass | undefined;
  /** Set by `"name": "DB_PASSWORD"`: what the sibling `value` is to be masked as. */
  named: KeyClass | undefined;
  /** A scalar `value` read before its `name`; -1: none. */
  valueStart: number;
  valueEnd: number;
  valueIsNumber: boolean;
  /** Where the container begins. */
  start: number;
  /** Names of the object that were masked. */
  maskedKeys: number;
  /** Strings of the object that may be bytes. */
  blobs: HeldBlob[] | undefined;
  hasMime: boolean;
}

export function createFrame(): Frame {
  return {
    isArray: false,
    position: 'elsewhere',
    isFresh: true,
    index: -1,
    keyStart: 0,
    keyEnd: 0,
    keyText: undefined,
    role: 'other',
    isNameLoud: false,
    keyClass: undefined,
    inherited: undefined,
    named: undefined,
    valueStart: -1,
    valueEnd: -1,
    valueIsNumber: false,
    start: 0,
    maskedKeys: 0,
    blobs: undefined,
    hasMime: false,
  };
}

export function resetFrame(frame: Frame, isArray: boolean, position: Position, inherited: KeyClass | undefined): void {
  frame.isArray = isArray;
  frame.position = position;
  frame.isFresh = true;
  frame.index = -1;
  frame.keyText = undefined;
  frame.role = 'other';
  frame.isNameLoud = false;
  frame.keyClass = undefined;
  frame.inherited = inherited;
  frame.named = undefined;
  frame.valueStart = -1;
  frame.maskedKeys = 0;
  frame.blobs = undefined;
  frame.hasMime = false;
}

/** A scalar `value`: its name may follow. */
export function keepForName(frame: Frame, start: number, end: number, isNumber: boolean): void {
  frame.valueStart = start;
  frame.valueEnd = end;
  frame.valueIsNumber = isNumber;
}

/** A string that may be bytes in base64: what stands beside it says so. */
export function keepBlob(text: string, frame: Frame, start: number, end: number): void {
  const isNamed = text.startsWith('blob"', frame.keyStart);
  (frame.blobs ??= []).push({ start, end, isNamed });
}

/** Strings that may name their siblings' values. */
export function mayBeName(frame: Frame | undefined): frame is Frame {
  return frame !== undefined && (frame.isArray || frame.role === 'name');
}

/** JSON Pointer of the current value, at most `maxLength` long. */
export function pointerOf(text: string, frames: readonly Frame[], depth: number, maxLength: number): string {
  let pointer = '';
  for (let i = 0; i <= depth; i += 1) {
    const frame = frames[i];
    if (frame === undefined) break;
    pointer += `/${frame.isArray ? frame.index : escapeToken(keyOf(frame, text))}`;
    if (pointer.length > maxLength) return `${pointer.slice(0, maxLength)}…`;
  }
  return pointer;
}

function keyOf({ keyText, keyStart, keyEnd }: Frame, text: string): string {
  return keyText ?? decodeString(text.slice(keyStart, keyEnd)) ?? '';
}

function escapeToken(token: string): string {
  return token.replaceAll('~', '~0').replaceAll('/', '~1');
}
