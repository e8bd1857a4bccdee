import { approverAudience, type ApprovalView } from '@tachograph/protocol';
import { tacho } from './archive.ts';
import { cluster, system } from './installation.ts';
import { portForward, until, type CommandResult } from './kubectl.ts';
import { callerToken } from './mcp.ts';

/** The controller as approvers reach it: `tacho approvals` through a port-forward. */
export interface ApprovalDesk {
  /** The pending approval whose arguments hold the marker. */
  pending(account: string, marker: string): Promise<ApprovalView>;
  show(account: string, id: string): Promise<ApprovalView>;
  decide(account: string, verdict: 'approve' | 'deny', id: string, reason: string): Promise<CommandResult>;
  /** What masking hid, on record. */
  reveal(account: string, id: string, reason: string): Promise<CommandResult>;
  close(): Promise<void>;
}

/** `account`s are ServiceAccounts of the namespace. */
export async function openDesk(namespace: string): Promise<ApprovalDesk> {
  const forward = await portForward(system, 'service/tachograph-controller', 8443);
  const tokens = new Map<string, Promise<string>>();
  const tokenOf = async (account: string): Promise<string> => {
    const known = tokens.get(account) ?? callerToken(namespace, account, approverAudience(cluster));
    tokens.set(account, known);
    return known;
  };
  const run = async (account: string, ...args: readonly string[]): Promise<CommandResult> => {
    const controller = `https://127.0.0.1:${forward.port}`;
    return tacho('approvals', ...args, '--controller', controller, '--token', await tokenOf(account));
  };
  const read = async <T>(account: string, ...args: readonly string[]): Promise<T> => {
    const { code, stdout, stderr } = await run(account, ...args, '--json');
    if (code !== 0) throw new Error(`tacho approvals ${args[0]}: exit ${code}: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  return {
    pending: async (account, marker) =>
      until(
        `a held call with ${marker}`,
        async () => {
          const { approvals } = await read<{ approvals: ApprovalView[] }>(account, 'list', '--namespace', namespace);
          return approvals.find((one) => one.arguments.includes(marker));
        },
        20_000,
      ),
    show: async (account, id) => read<ApprovalView>(account, 'show', id),
    decide: async (account, verdict, id, reason) => run(account, verdict, id, '--reason', reason),
    reveal: async (account, id, reason) => run(account, 'reveal', id, '--reason', reason),
    close: async () => forward.close(),
  };
}
