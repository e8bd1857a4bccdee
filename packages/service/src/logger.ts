import winston from 'winston';

/** Facts of a log line. Never bodies, tokens or secrets: the field names below are the only ones that reach the output. */
export interface LogFields {
  readonly [field: string]: string | number | boolean | undefined;
}

/** The only logger that the rest of the code knows. Messages are constant; facts go into fields. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger;
}

/** From the gravest down; a level shows its own lines and the graver ones. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

const secretField = /token|secret|password|authorization|cookie|body/i;

/** Values of fields whose name sounds secret are replaced: a second net under the rule that nobody logs them. */
const redact = winston.format((info) => {
  for (const field of Object.keys(info)) if (secretField.test(field)) info[field] = '[redacted]';
  return info;
});

/** JSON lines on standard output, one a message. */
export function createLogger(component: string, level: LogLevel): Logger {
  const { combine, timestamp, json } = winston.format;
  const root = winston.createLogger({
    level,
    defaultMeta: { component },
    format: combine(redact(), timestamp(), json()),
    transports: [new winston.transports.Console({ stderrLevels: [] })],
  });
  return wrap(root, {});
}

/** A logger that drops everything: for tests of parts whose lines do not matter. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};

function wrap(root: winston.Logger, bound: LogFields): Logger {
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    root.log(level, message, { ...bound, ...fields });
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => wrap(root, { ...bound, ...fields }),
  };
}

/** A short, safe text of anything thrown: name, code and message, never a stack or a payload. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? ` (${error.code})` : '';
  const cause = error.cause instanceof Error ? `: ${describeError(error.cause)}` : '';
  return `${error.name}${code}: ${error.message}${cause}`;
}
