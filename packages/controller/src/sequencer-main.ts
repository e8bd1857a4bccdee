import { runSequencerCommand } from './sequencer-command.ts';
import { startSequencer } from './sequencer-app.ts';
import { readSequencerSettings } from './settings.ts';
import { startProcess } from './start-process.ts';

const component = { component: 'tachograph-sequencer', environment: process.env };
const [, , command, ...args] = process.argv;
if (command === undefined) await startProcess(component, readSequencerSettings, startSequencer);
else await runSequencerCommand(component, [command, ...args], (text) => void process.stdout.write(text));
