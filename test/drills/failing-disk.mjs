// Volumes that really fail, without device mapper: a small tmpfs, and ext4 on a loop device whose backing shrinks.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const run = (program, ...args) =>
  execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }).trim();

/** Mounts need root; without it these drills say so. */
export const canMount = process.getuid() === 0;

/** A tmpfs that is full soon; `grow` makes room. */
export function createSmallDisk(dir) {
  mkdirSync(dir, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', 'size=10m', 'tmpfs', dir);
  return {
    dir,
    grow: () => run('mount', '-o', 'remount,size=256m', dir),
    close: () => run('umount', dir),
  };
}

/**
 * ext4 without a journal. `shrink` takes the device away beneath it: fdatasync answers EIO. `restore` gives it back.
 * `abort` makes it read-only under the writer's hands, as the kernel does when metadata is broken; `remount` repairs.
 */
export function createLoopDisk(dir) {
  const backing = `${dir}.backing`;
  for (const path of [dir, backing]) mkdirSync(path, { recursive: true });
  run('mount', '-t', 'tmpfs', '-o', 'size=256m', 'tmpfs', backing);
  const image = join(backing, 'disk.img');
  run('truncate', '-s', '64M', image);
  run('mkfs.ext4', '-q', '-F', '-m', '0', '-b', '4096', '-O', '^has_journal', image);
  const device = run('losetup', '-f', '--show', image);
  run('mount', '-o', 'errors=continue', device, dir);
  const keptMiB = 2;
  return {
    dir,
    shrink() {
      cpSync(image, join(backing, 'saved.img'));
      truncateSync(image, keptMiB * 1024 * 1024);
      run('losetup', '-c', device);
    },
    restore() {
      const from = [`if=${join(backing, 'saved.img')}`, `of=${image}`, 'bs=1M', `skip=${keptMiB}`, `seek=${keptMiB}`];
      run('dd', ...from, 'status=none', 'conv=notrunc');
      run('losetup', '-c', device);
    },
    abort: () => run('mount', '-o', 'remount,abort', dir),
    remount() {
      run('umount', dir);
      run('mount', '-o', 'errors=continue', device, dir);
    },
    close() {
      run('umount', dir);
      run('losetup', '-d', device);
      // The kernel lets go of the image a little after the device.
      run('umount', '-l', backing);
    },
  };
}
