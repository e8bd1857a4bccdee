/** The company's provider, a controller with the auth server, an application, and sidecars of two workloads. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startStrictIdp, type StrictIdp } from '../../packages/authserver/src/testing/strict-idp.ts';
import { statePaths } from '../../packages/controller/src/state/state-files.ts';
import { enrolWorkload } from '../../packages/controller/src/state/state-identity.ts';
import { startInstallation, type Installation } from '../../packages/controller/src/testing/installation.ts';
import { answerJson, startUpstream, type Upstream } from '../../packages/sidecar/src/testing/upstream.ts';
import { startSidecar, type SidecarProcess } from './sidecar-process.ts';

export interface LoginInstallation {
  readonly idp: StrictIdp;
  readonly installation: Installation;
  readonly upstream: Upstream;
  /** Writes a `ClusterMcpPolicy`. */
  writeClusterPolicy(name: string, spec: string): void;
  /** A sidecar of this workload, with two listeners. */
  start(workload: string): Promise<SidecarProcess>;
  close(): Promise<void>;
}

export async function startLoginInstallation(): Promise<LoginInstallation> {
  const dir = mkdtempSync(join(tmpdir(), 'tacho-identity-'));
  writeFileSync(join(dir, 'client-secret'), 'idp-test-secret\n');
  const idp = await startStrictIdp({ redirectUris: ['http://localhost/as/callback'] });
  const installation = await startInstallation({
    environment: {
      TACHO_AUTH_UPSTREAM: idp.issuer,
      TACHO_AUTH_CLIENT_ID: 'tachograph',
      TACHO_AUTH_CLIENT_SECRET_FILE: join(dir, 'client-secret'),
    },
  });
  allowEverything(installation);
  const upstream = await startUpstream(answerJson({ content: [{ type: 'text', text: 'hello' }] }));
  return {
    idp,
    installation,
    upstream,
    writeClusterPolicy(name, spec) {
      const policy = `kind: ClusterMcpPolicy\nmetadata: { name: ${name} }\nspec: ${spec}\n`;
      const path = join(dirname(statePaths.policies(installation.state, 'demo')), `${name}.yaml`);
      writeFileSync(path, `apiVersion: tachograph.dev/v1alpha1\n${policy}`);
    },
    start: async (workload) => startSidecar(await sidecarOf({ dir, installation, upstream, workload })),
    async close() {
      await installation.close();
      await upstream.close();
      await idp.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function allowEverything({ state }: Installation): void {
  const policies = statePaths.policies(state, 'demo');
  mkdirSync(policies, { recursive: true });
  const policy = 'kind: McpPolicy\nmetadata: { name: open }\nspec: { default: allow }\n';
  writeFileSync(join(policies, 'open.yaml'), `apiVersion: tachograph.dev/v1alpha1\n${policy}`);
}

async function sidecarOf({
  dir,
  installation,
  upstream,
  workload,
}: Pick<LoginInstallation, 'installation' | 'upstream'> & { readonly dir: string; readonly workload: string }) {
  const { tokenFile } = await enrolWorkload(installation.state, 'demo', workload);
  const [running] = installation.controllers;
  const controller = {
    TACHO_CONTROLLER: running?.url ?? '',
    TACHO_TRUST: running?.fingerprint ?? '',
    TACHO_TOKEN_FILE: tokenFile,
  };
  return { dir, workload, upstream: upstream.url, controller };
}
