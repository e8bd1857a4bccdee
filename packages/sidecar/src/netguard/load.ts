/** Loads rules with `nft`: Node cannot speak netlink. */
import { spawn } from 'node:child_process';

/** Resolves when the kernel has them; rejects with what `nft` said. */
export async function loadRules(nftPath: string, rules: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const nft = spawn(nftPath, ['-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
    let said = '';
    nft.stderr.setEncoding('utf8');
    nft.stderr.on('data', (text: string) => {
      said = (said + text).slice(0, 2000);
    });
    nft.once('error', reject);
    nft.once('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`nft exited with ${code}: ${said.trim()}`));
    });
    nft.stdin.on('error', () => undefined);
    nft.stdin.end(rules);
  });
}
