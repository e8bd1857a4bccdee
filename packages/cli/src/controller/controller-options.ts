/** How a command finds the controller and says who asks. */
import { readFile } from 'node:fs/promises';
import { createKube } from '@tachograph/kube';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { kubeLogger } from '../cluster/kube-logger.ts';
import { trustSecret } from '../trust/published-trust.ts';
import { parseTexts, readStateFile } from '../trust/state-dir.ts';
import { connectController, type ControllerClient } from './controller-client.ts';

export interface ControllerOptions {
  readonly controller?: string;
  readonly trust?: string;
  readonly token?: string;
  readonly tokenFile?: string;
  readonly namespace?: string;
  readonly system: string;
  readonly kubeconfig?: string;
}

/** Adds the options that every command of the controller's API has. */
export function withControllerOptions(command: Command): Command {
  return command
    .option('--controller <url>', 'https://host:port (default: TACHO_CONTROLLER, or that of TACHO_STATE)')
    .option('--trust <fingerprint>', 'sha256:… of the trust root (default: TACHO_TRUST, TACHO_STATE, or the cluster)')
    .option('--token <jwt>', 'your token (default: TACHO_TOKEN; --token-file keeps it out of the process list)')
    .option('--token-file <file>', 'file with your token (default: TACHO_TOKEN_FILE)')
    .option('--system <name>', "Tachograph's own namespace", 'tachograph')
    .option('--kubeconfig <file>', 'kubeconfig (default: the usual places)');
}

export const controllerHelp = `
The token is one of an accepted issuer with the audience tachograph://<cluster>/controller. The controller's certificate is
checked against the trust root: give its fingerprint, or the right to read the Secret ${trustSecret} in the cluster.

  kubectl -n tachograph port-forward service/tachograph-controller 8443 &
  export TACHO_CONTROLLER=https://127.0.0.1:8443
  export TACHO_TOKEN=$(kubectl create token me --audience tachograph://prod-1/controller)`;

/** Throws `CliError`: `usage` for what is missing, `refused` for a controller of another trust root. */
export async function openController(context: CliContext, options: ControllerOptions): Promise<ControllerClient> {
  return (await openControllerAs(context, options)).client;
}

/** The same, with the name that the own token says. */
export async function openControllerAs(
  context: CliContext,
  options: ControllerOptions,
): Promise<{ readonly client: ControllerClient; readonly subject: string }> {
  const state = await statePublished(context);
  const url = options.controller ?? context.env['TACHO_CONTROLLER'] ?? state['url'];
  if (url === undefined || URL.parse(url)?.protocol !== 'https:') {
    throw new CliError('usage', 'expected --controller https://host:port or TACHO_CONTROLLER');
  }
  const token = await readToken(context, options);
  const trust = options.trust ?? context.env['TACHO_TRUST'] ?? state['trust'] ?? (await clusterTrust(context, options));
  return { client: await connectController({ url, token, trust }), subject: subjectOf(token) };
}

async function statePublished(context: CliContext): Promise<Readonly<Record<string, string>>> {
  const dir = context.env['TACHO_STATE'];
  return dir === undefined || dir === '' ? {} : parseTexts(await readStateFile(dir, 'controller.json'));
}

/** Unverified: it is the own token. */
function subjectOf(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    const sub = typeof claims === 'object' && claims !== null && 'sub' in claims ? claims.sub : undefined;
    return typeof sub === 'string' ? sub : '';
  } catch {
    return '';
  }
}

async function readToken({ env }: CliContext, { token, tokenFile }: ControllerOptions): Promise<string> {
  const file = tokenFile ?? (token === undefined ? env['TACHO_TOKEN_FILE'] : undefined);
  const text = file === undefined ? (token ?? env['TACHO_TOKEN']) : await readTokenFile(file);
  if (text === undefined || !/^[\x21-\x7e]+$/.test(text)) {
    throw new CliError('usage', 'expected a token: --token, --token-file, TACHO_TOKEN or TACHO_TOKEN_FILE');
  }
  return text;
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new CliError('usage', `cannot read ${file}`, { cause });
  }
}

async function clusterTrust(context: CliContext, { system, kubeconfig }: ControllerOptions): Promise<string> {
  const kube = createKube({ log: kubeLogger(context), ...(kubeconfig === undefined ? {} : { kubeconfig }) });
  const fingerprint = (await kube.getSecret(system, trustSecret))?.data['fingerprint'];
  if (fingerprint === undefined)
    throw new CliError('not_found', `no fingerprint in Secret ${trustSecret} of ${system}`);
  return fingerprint;
}
