// The right Node must come first on PATH before anything is built or tested.
const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  console.error(
    `Node ${process.versions.node} runs; 24 or later is needed. Use make, which puts node_modules/.bin first.`,
  );
  process.exit(1);
}
