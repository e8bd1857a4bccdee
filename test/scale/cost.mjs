// What Google charges for one sidecar and year, from list prices (US multi-region excluded; storage/pricing, 2026-09-20).

/** US dollars. */
export const prices = {
  classAPerThousand: 0.005,
  classBPerThousand: 0.0004,
  standardPerGiBMonth: 0.02,
  archivePerGiBMonth: 0.0012,
};

const minutesPerYear = 365 * 24 * 60;
const gib = 1024 ** 3;
const dollars = (value) => `$${value.toFixed(2)}`;

/** Writes and bytes of a sidecar that seals a segment a minute, day and night: the most that it can cost but for size. */
export function costOf({ bytesPerSegment, segments, objects, sidecars }) {
  // Batches and checkpoints serve all sidecars of the installation; key objects come once a start.
  const writesPerSegment = Math.max(1, (objects - sidecars) / segments);
  const writes = (minutesPerYear * writesPerSegment * prices.classAPerThousand) / 1000;
  const storedGiB = (minutesPerYear * bytesPerSegment) / gib;
  return {
    writesPerSegment,
    segmentsOnly: (minutesPerYear * prices.classAPerThousand) / 1000,
    writes,
    storedGiB,
    // A year's growth is stored half a year on average; every further year in Archive class.
    firstYear: storedGiB * 6 * prices.standardPerGiBMonth,
    laterYears: storedGiB * 12 * prices.archivePerGiBMonth,
  };
}

export function costLines(figures) {
  const cost = costOf(figures);
  return [
    [
      'cost of a sidecar and year',
      `${dollars(cost.segmentsOnly)} for its segments' writes, ${dollars(cost.writes)} with its share of all others (${cost.writesPerSegment.toFixed(2)} writes a segment)`,
    ],
    [
      'storage of a year',
      `${cost.storedGiB.toFixed(1)} GiB at ${figures.bytesPerSegment} bytes a segment: ${dollars(cost.firstYear)} in its first year (Standard), ${dollars(cost.laterYears)} in each later one (Archive)`,
    ],
  ];
}
