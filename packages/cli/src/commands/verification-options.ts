import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { parseParallelOption, parseSecondsOption } from './option-parsers.ts';

/** Adds what a verification is told, whoever asks for it: `verify` and `evidence`. They are `VerifyFlags`. */
export function withVerificationOptions(command: Command): Command {
  return command
    .requiredOption('--policy <file>', "C2SP policy with the log's key, obtained elsewhere than the bucket")
    .option('--witness-policy <file>', 'C2SP policy whose witnesses and quorum count instead; demands the quorum')
    .option('--require-witness', "without the policy's quorum of witnesses, inputs are missing (3)")
    .option('--max-age <duration>', 'the newest quorum may be this old (15m, 1h, 7d)', parseSecondsOption)
    .option('--pinned-checkpoint <file>', 'a checkpoint kept from before: the log must extend it')
    .option('--state <file>', 'where the newest checkpoints are remembered (default: in XDG_STATE_HOME)')
    .option('--no-remember', 'neither compare with what was remembered nor remember')
    .option(
      '--pods <audit.jsonl>',
      "the API server's audit log, obtained elsewhere: pods that it created must be recorded",
    )
    .option(
      '--jobs <n>',
      'threads for large archives (default: one a core)',
      parseParallelOption,
      availableParallelism(),
    )
    .option('--endpoint <url>', 'storage emulator (default: STORAGE_EMULATOR_HOST)');
}
