/** What `tacho evidence` is given beside the archive: policies, the bucket's settings, rights of cluster and bucket. */
import { checkPolicy, loadConditions } from '@tachograph/policy';
import { createKube } from '@tachograph/kube';
import { parseStoreUrl, StoreError } from '@tachograph/store';
import { endpointOf, type OpenedArchive } from '../archive/open-archive.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { kubeLogger } from '../cluster/kube-logger.ts';
import type { ControllerOptions } from '../controller/controller-options.ts';
import type { MatrixInputs, PlatformAccess } from '../evidence/access-matrix.ts';
import type { BucketAccess } from '../evidence/bucket-rights.ts';
import type { ClusterAccess } from '../evidence/cluster-rights.ts';
import { askLockState, type FoundSetting, readLockState } from '../evidence/lock-state.ts';
import { askBucketAccess, readBucketAccess, readClusterAccess } from '../evidence/platform-access.ts';
import { readPrincipals, readServers } from '../policy/matrix-inputs.ts';
import { loadPolicies } from '../policy/policy-files.ts';
import type { VerifyFlags } from '../verify/run-verification.ts';

/** Options of the command. */
export interface EvidenceCommandOptions extends ControllerOptions, Omit<VerifyFlags, 'report' | 'resume' | 'progress'> {
  readonly from: string;
  readonly to: string;
  readonly archive?: string;
  readonly out: string;
  readonly onlyNamespace?: string;
  readonly mcpPolicy?: readonly string[];
  readonly policyNamespace: string;
  readonly principals?: string;
  readonly servers?: string;
  readonly cluster: string;
  readonly bucketCheck?: string;
  readonly rbac?: string;
  readonly askCluster?: boolean;
  readonly iam?: string;
  readonly allowUnverified?: boolean;
  readonly register?: boolean;
  readonly reason?: string;
  readonly json?: boolean;
}

/** Policies and lists for the matrix; `undefined` where none are given. Throws `usage` for lists without policies. */
export async function readMatrix(options: EvidenceCommandOptions): Promise<MatrixInputs | undefined> {
  const { mcpPolicy, policyNamespace, principals, servers, cluster } = options;
  if (mcpPolicy === undefined) {
    if (principals === undefined && servers === undefined) return undefined;
    throw new CliError('usage', '--principals and --servers need --mcp-policy');
  }
  const conditions = await loadConditions();
  const objects = (await loadPolicies(mcpPolicy, policyNamespace)).flatMap((object) => {
    const checked = checkPolicy(object, conditions);
    return checked.kind === 'checked' ? [{ ...object, spec: checked.spec }] : [];
  });
  return {
    objects,
    cluster,
    ...(principals === undefined ? {} : { principals: await readPrincipals(principals) }),
    ...(servers === undefined ? {} : { servers: await readServers(servers) }),
  };
}

/** Rights of cluster and bucket, as far as they are given or can be asked for. */
export async function readPlatform(
  context: CliContext,
  options: EvidenceCommandOptions,
  address: string,
): Promise<Pick<PlatformAccess, 'cluster' | 'bucket'>> {
  return { cluster: await clusterAccessOf(context, options), bucket: await bucketAccessOf(context, options, address) };
}

async function clusterAccessOf(
  context: CliContext,
  { rbac, askCluster, kubeconfig, system }: EvidenceCommandOptions,
): Promise<ClusterAccess | undefined> {
  if (rbac !== undefined && askCluster === true)
    throw new CliError('usage', 'the roles are in --rbac, or asked for by --ask-cluster: not both');
  if (rbac !== undefined) return await readClusterAccess(rbac, system);
  if (askCluster !== true) return undefined;
  const kube = createKube({ log: kubeLogger(context), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  return { objects: await kube.listRbac(), system };
}

/** Who may read a bucket may not always read who else may. */
async function bucketAccessOf(
  context: CliContext,
  { iam, endpoint }: EvidenceCommandOptions,
  address: string,
): Promise<BucketAccess | undefined> {
  if (iam !== undefined) return await readBucketAccess(iam, address);
  const apiEndpoint = endpointOf(context, endpoint);
  try {
    return await askBucketAccess(address, apiEndpoint === undefined ? {} : { apiEndpoint });
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== 'denied') throw error;
    context.err("tacho: these credentials may not read the bucket's IAM policy: its roles are not in the matrix\n");
    return undefined;
  }
}

/** The bucket's settings: as they were printed, or asked for now; of a directory none. */
export async function lockStateOf(
  context: CliContext,
  { bucketCheck, endpoint }: EvidenceCommandOptions,
  { address }: OpenedArchive,
): Promise<readonly FoundSetting[]> {
  if (bucketCheck !== undefined) return readLockState(bucketCheck);
  if (parseStoreUrl(address).kind !== 'gcs') return [];
  const apiEndpoint = endpointOf(context, endpoint);
  return askLockState(address, apiEndpoint === undefined ? {} : { apiEndpoint });
}
