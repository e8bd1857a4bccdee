/** `tachograph-controller enroll --workload NAME [--namespace NAME]`: one sidecar's token, without a cluster. */
import { parseArgs } from 'node:util';
import { workloadUri, parseWorkloadUri } from '@tachograph/protocol';
import { createSettingsReader, SettingsError, type Environment } from '@tachograph/service';
import { secretNames } from './keys/secret-names.ts';
import { fingerprintOf, loadSigningKey } from './keys/signing-key.ts';
import { readCluster, readListen, readPlace } from './settings.ts';
import { readTextFile, statePaths } from './state/state-files.ts';
import { enrolWorkload } from './state/state-identity.ts';
import { parseTexts } from './state/state-json.ts';
import { createStateSecrets } from './state/state-secrets.ts';
import { initState } from './state/state-world.ts';

/** What a sidecar needs to know of its installation. */
export interface EnrolmentFacts {
  readonly tokenFile: string;
  /** `sha256:<hex>` of the trust root. */
  readonly trust: string;
  /** Workload URI. */
  readonly workload: string;
  /** URL of the controller. */
  readonly controller: string;
}

export const enrolUsage =
  'usage: TACHO_STATE=DIR TACHO_CLUSTER=NAME tachograph-controller enroll --workload NAME [--namespace NAME]';

/** Throws `SettingsError` for settings and arguments that cannot be used. */
export async function enrol(args: readonly string[], environment: Environment): Promise<EnrolmentFacts> {
  const reader = createSettingsReader(environment);
  const place = readPlace(reader);
  if (place.kind !== 'state')
    throw new SettingsError('TACHO_STATE', undefined, 'a directory: in a cluster, pods enrol themselves');
  const { namespace, workload, ref } = readArguments(args, readCluster(reader));
  await initState(place.dir);
  const { tokenFile } = await enrolWorkload(place.dir, namespace, workload);
  const root = await loadSigningKey(createStateSecrets(place.dir), secretNames.trustRoot);
  const published = await readTextFile(statePaths.controllerAddress(place.dir));
  const { host, port } = readListen(reader, 'TACHO_LISTEN', place, 8443);
  const fallback = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const found = published === undefined ? undefined : parseTexts(published, 'controller address')['url'];
  return {
    tokenFile,
    trust: fingerprintOf(root.publicKey),
    workload: ref,
    controller: reader.text('TACHO_CONTROLLER') ?? found ?? fallback,
  };
}

function readArguments(args: readonly string[], cluster: string) {
  const { values } = parseArgs({
    args: [...args],
    options: { workload: { type: 'string' }, namespace: { type: 'string', default: 'demo' } },
  });
  const { workload, namespace } = values;
  const ref = workloadUri({ cluster, namespace, workload: workload ?? '' });
  if (workload === undefined || parseWorkloadUri(ref) === undefined) {
    throw new SettingsError('--workload and --namespace', ref, 'lower-case names');
  }
  return { workload, namespace, ref };
}
