import type { KeyClass } from '../detectors/key-matcher.ts';
import { decodeString } from './decode-string.ts';
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
    keyClass: undefined,
    inherited: undefined,
    named: undefined,
    valueStart: -1,
    valueEnd: -1,
    valueIsNumber: false,
  };
}

export function resetFrame(frame: Frame, isArray: boolean, position: Position, inherited: KeyClass | undefined): void {
  frame.isArray = isArray;
  frame.position = position;
  frame.isFresh = true;
  frame.index = -1;
  frame.keyText = undefined;
  frame.role = 'other';
  frame.keyClass = undefined;
  frame.inherited = inherited;
  frame.named = undefined;
  frame.valueStart = -1;
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
