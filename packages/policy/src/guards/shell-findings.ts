import type { Finding, ShellVerdict } from './guard-verdict.ts';
import type { ShellArgument } from './shell-argument.ts';

/** Collects what the judge of a command line sees. */
export class ShellFindings {
  readonly list: Finding<ShellVerdict>[] = [];

  destructive(reason: string): void {
    this.#add('destructive', reason);
  }

  opaque(reason: string): void {
    this.#add('opaque', reason);
  }

  #add(verdict: ShellVerdict, reason: string): void {
    if (this.list.length < 512) this.list.push({ verdict, reason });
  }
}

/** What the judges of commands need of each other. */
export interface ShellContext {
  readonly findings: ShellFindings;
  /** Texts and commands that this one is within. */
  readonly depth: number;
  /** Functions that the text defines: their bodies are judged where they stand. */
  readonly functions: ReadonlySet<string>;
  /** Judges a text that a command hands to a shell. */
  readonly judgeText: (text: string, context: ShellContext) => void;
  /** Judges a command that another command runs. */
  readonly judgeCommand: (words: readonly ShellArgument[], context: ShellContext) => void;
}

export type CommandJudge = (args: readonly ShellArgument[], context: ShellContext) => void;
