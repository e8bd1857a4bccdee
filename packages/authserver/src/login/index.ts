export { createLogin, upstreamCallback } from './login.ts';
export { type Upstream, type UpstreamAttempt, type UpstreamOutcome } from './upstream.ts';
