export { createSidecar, type Sidecar, type SidecarOptions } from './app.ts';
export { readSettings, type SidecarSettings } from './settings.ts';
