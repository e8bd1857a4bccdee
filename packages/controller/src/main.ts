import { startController } from './controller-app.ts';
import { enrol, enrolUsage } from './enroll.ts';
import { readControllerSettings } from './settings.ts';
import { exitCodes, fail, startProcess } from './start-process.ts';

const program = 'tachograph-controller';
const [command, ...args] = process.argv.slice(2);

if (command === undefined) {
  await startProcess({ component: program, environment: process.env }, readControllerSettings, startController);
} else if (command === 'enroll') {
  const facts = await enrol(args, process.env).catch((error: unknown) => fail(program, error));
  process.stdout.write(`${JSON.stringify(facts)}\n`);
} else {
  process.stderr.write(`usage: ${program}\n${enrolUsage}\n`);
  process.exit(exitCodes.usage);
}
