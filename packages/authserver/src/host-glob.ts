/** Whether a host name matches a glob, in which `*` stands for characters of one label: `*.corp.example`. */
export function matchesHost(host: string, globs: readonly string[]): boolean {
  const labels = host.toLowerCase().split('.');
  return globs.some((glob) => {
    const patterns = glob.toLowerCase().split('.');
    return (
      patterns.length === labels.length && patterns.every((pattern, at) => matchesLabel(labels[at] ?? '', pattern))
    );
  });
}

function matchesLabel(label: string, pattern: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (rest.length === 0) return label === pattern;
  const tail = rest.at(-1) ?? '';
  return (
    rest.length === 1 && label.length >= head.length + tail.length && label.startsWith(head) && label.endsWith(tail)
  );
}
