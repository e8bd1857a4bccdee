import { readFileSync, globSync } from 'node:fs';
import { command, getJson, type CommandResult } from './kubectl.ts';

interface PodJson {
  readonly metadata: { readonly uid: string; readonly name: string };
  readonly status: { readonly podIPs?: readonly { readonly ip: string }[]; readonly phase?: string };
}

/** The first running pod with the label `app=<app>`. */
export async function podOf(namespace: string, app: string): Promise<PodJson> {
  const { items } = await getJson<{ items: PodJson[] }>(
    '-n',
    namespace,
    'pods',
    '-l',
    `app=${app}`,
    '--field-selector=status.phase=Running',
  );
  const [pod] = items;
  if (pod === undefined) throw new Error(`no running pod with app=${app} in ${namespace}`);
  return pod;
}

/** Host pids of a pod's processes whose command line holds `text`: the test runs on the node. */
export function processesOf(podUid: string, text: string): readonly number[] {
  const inPod = (path: string): boolean => {
    const cgroup = readFileSync(`${path}/cgroup`, 'utf8');
    return cgroup.includes(`pod${podUid}`) || cgroup.includes(`pod${podUid.replaceAll('-', '_')}`);
  };
  return globSync('/proc/[0-9]*')
    .filter((path) => {
      try {
        return inPod(path) && readFileSync(`${path}/cmdline`, 'utf8').replaceAll('\0', ' ').includes(text);
      } catch {
        return false; // ended meanwhile
      }
    })
    .map((path) => Number(path.slice('/proc/'.length)));
}

/** Runs a program in a pod's network namespace as the node's root: what the container runtime's port-forward does. */
export async function inPodNetwork(
  podUid: string,
  program: string,
  args: readonly string[],
  input?: string,
): Promise<CommandResult> {
  const [pid] = processesOf(podUid, '');
  if (pid === undefined) throw new Error(`no process of pod ${podUid} on this node`);
  return command('nsenter', ['--target', String(pid), '--net', program, ...args], input);
}

/** Dials an address in a pod's network namespace; says how that ended. */
export async function dialInPod(podUid: string, host: string, port: number): Promise<string> {
  const { stdout } = await inPodNetwork(podUid, process.execPath, ['-e', dialScript, host, String(port)]);
  return stdout.trim();
}

/** Prints `open`, or the error's code: a connection must also survive its first byte to count as open. */
export const dialScript = `
const [host, port] = process.argv.slice(1);
const socket = require('node:net').connect({ host, port: Number(port) });
const end = (text) => { console.log(text); process.exit(0); };
socket.setTimeout(3000, () => end('timeout'));
socket.on('error', (error) => end(error.code));
socket.on('close', () => end('closed'));
socket.on('connect', () => socket.write('GET / HTTP/1.1\\r\\nhost: x\\r\\n\\r\\n'));
socket.on('data', () => end('open'));
`;
