import { readFile } from 'node:fs/promises';
import { createKube, systemTimers } from '@tachograph/kube';
import { createLogger, createSettingsReader, createShutdown, exitOnSignals, systemClock } from '@tachograph/service';
import { createInjector } from './app.ts';
import { readInjectorSettings } from './settings.ts';

const settings = readInjectorSettings(createSettingsReader(process.env));
const log = createLogger('injector', settings.logLevel);
const injector = createInjector({
  settings,
  kube: createKube({ log }),
  clock: systemClock,
  timers: systemTimers,
  log,
  readFile: async (path) => readFile(path, 'utf8'),
});
const shutdown = createShutdown(log);
shutdown.add('injector', async () => injector.close());
exitOnSignals(shutdown, log);
const port = await injector.listen();
log.info('listening', { port });
