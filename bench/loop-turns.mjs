// Preloaded by bench/long-messages.mjs: tells how much CPU one turn of the event loop took at most, on SIGUSR2.
// CPU of this thread, not time: on a busy machine time says how long others ran.
let longestMs = 0;
let before = process.threadCpuUsage();

setInterval(() => {
  const { user, system } = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longestMs = Math.max(longestMs, (user + system) / 1000);
}, 1).unref();

process.on('SIGUSR2', () => {
  process.stderr.write(`turn ${longestMs.toFixed(1)}\n`);
  longestMs = 0;
});
