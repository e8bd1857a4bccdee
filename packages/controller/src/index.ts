export { startController, type ControllerOptions, type RunningController } from './controller-app.ts';
export { ControllerError } from './controller-error.ts';
export { enrol, type EnrolmentFacts } from './enroll.ts';
export { startSequencer, type RunningSequencer, type SequencerAppOptions } from './sequencer-app.ts';
export {
  readControllerSettings,
  readSequencerSettings,
  type ControllerSettings,
  type SequencerSettings,
} from './settings.ts';
export { createStateWorld } from './state/state-world.ts';
export type { World } from './world.ts';
