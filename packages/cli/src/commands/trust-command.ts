import { formatLogPolicy, parseVkey } from '@tachograph/archive';
import { createKube } from '@tachograph/kube';
import type { Command } from 'commander';
import { nodeCrypto } from '../archive/node-crypto.ts';
import { type CliContext, printJson } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { kubeLogger } from '../cluster/kube-logger.ts';
import { publishedLogKeys, trustSecret } from '../trust/published-trust.ts';
import { readStateFile } from '../trust/state-dir.ts';

interface TrustOptions {
  readonly namespace: string;
  readonly cluster?: string;
  readonly kubeconfig?: string;
  readonly json?: boolean;
}

/** `tacho trust export`: the verifier's policy file. */
export function addTrustCommand(program: Command, context: CliContext): void {
  program
    .command('trust')
    .description("The installation's public keys")
    .command('export')
    .description("Print the verifier's policy file: the log's public key, in C2SP form")
    .option('--namespace <name>', "Tachograph's own namespace", 'tachograph')
    .option('--cluster <name>', 'refuse any other cluster name than this (default: TACHO_CLUSTER)')
    .option('--kubeconfig <file>', 'kubeconfig (default: the usual places)')
    .option('--json', 'print {"vkeys": […], "policy": "…"}')
    .addHelpText(
      'after',
      `
Reads the state directory when TACHO_STATE is set, otherwise the Secret ${trustSecret} of the cluster, which
holds no private key. Keep the file away from the bucket: it is what makes verification independent of whoever can write
there.

Examples:
  tacho trust export --cluster prod-1 > policy.txt
  TACHO_STATE=./state tacho trust export > policy.txt`,
    )
    .action(async (options: TrustOptions) => {
      const vkeys = await readVkeys(context, options);
      const policy = formatLogPolicy(vkeys);
      if (options.json === true) printJson(context, { vkeys, policy });
      else context.out(policy);
    });
}

async function readVkeys(context: CliContext, options: TrustOptions): Promise<readonly string[]> {
  const dir = context.env['TACHO_STATE'];
  if (dir === undefined || dir === '') return vkeysOfCluster(context, options);
  const vkey = (await readStateFile(dir, 'log.vkey')).trim();
  if (parseVkey(nodeCrypto, vkey) === undefined) throw new CliError('state', 'log.vkey is not a C2SP vkey');
  return [vkey];
}

async function vkeysOfCluster(context: CliContext, options: TrustOptions): Promise<readonly string[]> {
  const { namespace, cluster, kubeconfig } = options;
  const kube = createKube({ log: kubeLogger(context), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  return publishedLogKeys(await kube.getSecret(namespace, trustSecret), cluster ?? context.env['TACHO_CLUSTER']);
}
