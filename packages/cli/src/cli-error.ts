/** How `tacho` ends: 0 to 3 are verdicts (`contracts.md`, Names), the rest speak of the run itself. */
export const exitCodes = {
  ok: 0,
  tampered: 1,
  incomplete: 2,
  missing: 3,
  usage: 64,
  internal: 70,
  interrupted: 130,
} as const;

export type CliErrorCode =
  | 'usage'
  | 'not_found'
  | 'policy_malformed'
  | 'store'
  | 'kube'
  | 'state'
  | 'controller'
  | 'internal'
  | 'interrupted'
  | 'refused';

/** Exit code of each error: the one table. */
export const errorExitCode: Readonly<Record<CliErrorCode, number>> = {
  usage: exitCodes.usage,
  not_found: exitCodes.missing,
  policy_malformed: exitCodes.usage,
  store: exitCodes.internal,
  kube: exitCodes.internal,
  state: exitCodes.usage,
  controller: exitCodes.internal,
  refused: exitCodes.tampered,
  internal: exitCodes.internal,
  interrupted: exitCodes.interrupted,
};

/** A command could not do its work; the message is for the person who typed it. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly code: CliErrorCode;

  constructor(code: CliErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
