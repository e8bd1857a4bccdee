export * from './api.ts';
export * from './leaf.ts';
export * from './names.ts';
export * from './policy-spec.ts';
export * from './record.ts';
export * from './session-manifest.ts';
export * from './statement.ts';
