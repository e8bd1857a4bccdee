import { startSequencer } from './sequencer-app.ts';
import { readSequencerSettings } from './settings.ts';
import { startProcess } from './start-process.ts';

await startProcess(
  { component: 'tachograph-sequencer', environment: process.env },
  readSequencerSettings,
  startSequencer,
);
