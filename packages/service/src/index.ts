export { systemClock, type Clock } from './clock.ts';
export { callHttp, type HttpAnswer, type HttpCall } from './http-call.ts';
export { createHealth, type Check, type Health } from './health.ts';
export {
  createLogger,
  describeError,
  logLevels,
  silentLogger,
  type LogFields,
  type LogLevel,
  type Logger,
} from './logger.ts';
export { createMetrics, type Counter, type Gauge, type Histogram, type Metrics } from './metrics.ts';
export {
  createSettingsReader,
  parseBytes,
  parseDurationMs,
  SettingsError,
  type Environment,
  type SettingsReader,
} from './settings.ts';
export { createShutdown, exitOnSignals, type Shutdown } from './shutdown.ts';
