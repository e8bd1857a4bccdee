// CPU and memory of a process from /proc, so that the measured one measures nothing itself.
import { readFileSync, writeFileSync } from 'node:fs';

const tickUs = 10_000;

/** User and system time of all its threads, in microseconds; the kernel counts in ticks of 10 ms. */
export function cpuUsOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickUs;
}

function statusMb(pid, field) {
  const kb = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

export const rssMbOf = (pid) => statusMb(pid, 'VmRSS');
export const peakRssMbOf = (pid) => statusMb(pid, 'VmHWM');

/** Forgets the peak so far. */
export function resetPeak(pid) {
  writeFileSync(`/proc/${pid}/clear_refs`, '5');
}
