// The same fast-check, with the seed of FC_SEED where it is set: CI tries the same values at every run, so that a change
// is judged by what it changes. `make properties` tries others.
import fc from './node_modules/fast-check/lib/fast-check.js';

const { FC_SEED: seed } = process.env;
if (seed !== undefined) fc.configureGlobal({ seed: Number(seed) });

export * from './node_modules/fast-check/lib/fast-check.js';
export default fc;
