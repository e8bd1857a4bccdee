import { enrolWorkload } from '../../packages/controller/src/state/state-identity.ts';
import type { Installation } from '../../packages/controller/src/testing/installation.ts';
import { post, toolCall } from '../../packages/sidecar/src/testing/client.ts';
import { startSidecar, type SidecarProcess } from './sidecar-process.ts';

/** A sidecar of namespace `demo` at the first controller of an installation, in whose directory it works. */
export async function startEnrolled(
  installation: Installation,
  { workload, upstream }: { readonly workload: string; readonly upstream: string },
): Promise<SidecarProcess> {
  const { tokenFile } = await enrolWorkload(installation.state, 'demo', workload);
  const [at] = installation.controllers;
  const controller = {
    TACHO_CONTROLLER: at?.url ?? '',
    TACHO_TRUST: at?.fingerprint ?? '',
    TACHO_TOKEN_FILE: tokenFile,
  };
  return startSidecar({ dir: installation.dir, workload, upstream, controller });
}

/** What a tool call with this token is answered. */
export async function callWith({ urls }: SidecarProcess, token: string): Promise<Response> {
  return post(urls[0] ?? '', toolCall(), { authorization: `Bearer ${token}` });
}
