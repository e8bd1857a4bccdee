// Medians over the rounds, and ratios to http-proxy of the same run.

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const round = (value, digits) => Number(value.toFixed(digits));

function groupBy(cells) {
  const groups = new Map();
  for (const cell of cells) {
    const key = `${cell.contender}|${cell.rung}|${cell.payload}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

function toRow(group, direct, idle) {
  const [{ contender, rung, payload }] = group;
  const of = (pick) => median(group.map(pick));
  const directOf = (pick) => median(direct.map(pick));
  const start = idle.find((one) => one.contender === contender && one.rung === rung);
  return {
    contender,
    rung,
    payload,
    cpuUsPerCall: round(
      of((cell) => cell.closed.cpuUsPerCall),
      0,
    ),
    cpuUsPerCallAt200: round(
      of((cell) => cell.open.cpuUsPerCall),
      0,
    ),
    addedP50Ms: round(of((cell) => cell.open.p50Ms) - directOf((cell) => cell.open.p50Ms), 2),
    addedP99Ms: round(of((cell) => cell.open.p99Ms) - directOf((cell) => cell.open.p99Ms), 2),
    maxRatePerS: round(
      of((cell) => cell.closed.ratePerS),
      0,
    ),
    rssIdleMb: round(start.rssIdleMb, 0),
    rssPeakMb: round(Math.max(...group.map((cell) => cell.rssPeakMb)), 0),
    readyMs: round(start.readyMs, 0),
    errors: group.reduce((sum, { closed, open }) => sum + closed.errors + open.errors, 0),
  };
}

/** One row for each contender, rung and payload, with the ratio of CPU to http-proxy. */
export function toResults(cells, idle) {
  const groups = groupBy(cells);
  const rows = groups.map((group) => {
    const direct = groups.find(([cell]) => cell.contender === 'direct' && cell.payload === group[0].payload) ?? group;
    return toRow(group, direct, idle);
  });
  return rows.map((row) => {
    const plain = rows.find(({ contender, payload }) => contender === 'http-proxy' && payload === row.payload);
    return { ...row, cpuRatio: plain ? round(row.cpuUsPerCall / plain.cpuUsPerCall, 2) : null };
  });
}

export function printTable(rows) {
  const headers = [
    'payload',
    'contender',
    'rung',
    'cpuUsPerCall',
    'cpuRatio',
    'cpuUsPerCallAt200',
    'addedP50Ms',
    'addedP99Ms',
    'maxRatePerS',
    'rssIdleMb',
    'rssPeakMb',
    'readyMs',
    'errors',
  ];
  const lines = rows
    .toSorted((a, b) => a.payload.localeCompare(b.payload))
    .map((row) => headers.map((header) => String(row[header])));
  for (const line of [headers, headers.map(() => '---'), ...lines]) console.log(`| ${line.join(' | ')} |`);
}
