/** `certificate`: unusable PEM. `installation`: a trust statement of somebody else. `controller`: no usable answer from it. */
export type InjectorErrorCode = 'certificate' | 'installation' | 'controller';

/** Failures of the injector that are no admission verdicts. */
export class InjectorError extends Error {
  override readonly name = 'InjectorError';
  readonly code: InjectorErrorCode;

  constructor(code: InjectorErrorCode, message: string, cause?: unknown) {
    super(message, { cause });
    this.code = code;
  }
}
