import { createPrivateKey, createPublicKey } from 'node:crypto';
import { createNoteKey, formatLogPolicy, formatVkey, parseVkey } from '@tachograph/archive';
import { createKube } from '@tachograph/kube';
import { logOrigin } from '@tachograph/protocol';
import type { Command } from 'commander';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { kubeLogger } from '../cluster/kube-logger.ts';
import { readStateFile } from '../trust/state-dir.ts';

interface TrustOptions {
  readonly namespace: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly json?: boolean;
}

/** Secret that holds the log's key in a cluster. */
const logKeySecret = 'tachograph-log-key';

/** `tacho trust export`: the verifier's policy file. */
export function addTrustCommand(program: Command, context: CliContext): void {
  program
    .command('trust')
    .description("The installation's public keys")
    .command('export')
    .description("Print the verifier's policy file: the log's public key, in C2SP form")
    .option('--namespace <name>', "Tachograph's own namespace", 'tachograph')
    .option('--cluster <name>', 'cluster name of the installation (default: TACHO_CLUSTER)')
    .option('--kubeconfig <file>', 'kubeconfig (default: the usual places)')
    .option('--json', 'print {"vkeys": […], "policy": "…"}')
    .addHelpText(
      'after',
      `
Reads the state directory when TACHO_STATE is set, otherwise the Secret ${logKeySecret} of the cluster. Keep the file
away from the bucket: it is what makes verification independent of whoever can write there.

Examples:
  tacho trust export --cluster prod-1 > policy.txt
  TACHO_STATE=./state tacho trust export > policy.txt`,
    )
    .action(async (options: TrustOptions) => {
      const vkey = await readVkey(context, options);
      const policy = formatLogPolicy([vkey]);
      if (options.json === true) printJson(context, { vkeys: [vkey], policy });
      else context.out(policy);
    });
}

async function readVkey(context: CliContext, options: TrustOptions): Promise<string> {
  const dir = context.env['TACHO_STATE'];
  if (dir === undefined || dir === '') return vkeyOfCluster(context, options);
  const vkey = (await readStateFile(dir, 'log.vkey')).trim();
  if (parseVkey(nodeCrypto, vkey) === undefined) throw new CliError('state', 'log.vkey is not a C2SP vkey');
  return vkey;
}

async function vkeyOfCluster(context: CliContext, { namespace, cluster, kubeconfig }: TrustOptions): Promise<string> {
  const name = cluster ?? context.env['TACHO_CLUSTER'];
  if (name === undefined) throw new CliError('usage', 'expected --cluster NAME, TACHO_CLUSTER, or TACHO_STATE');
  const kube = createKube({ log: kubeLogger(context), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  const secret = await kube.getSecret(namespace, logKeySecret);
  const pem = secret?.data['key.pem'];
  if (pem === undefined) throw new CliError('not_found', `no Secret ${logKeySecret} with key.pem in ${namespace}`);
  // The private key is read to derive the public one, and goes no further.
  const publicKey = createPublicKey(createPrivateKey(pem)).export({ type: 'spki', format: 'der' });
  return formatVkey(createNoteKey(nodeCrypto, logOrigin(name), publicKey));
}
