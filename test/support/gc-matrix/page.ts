// Renders docs/evidence/gc-matrix.md: the sums of the GC logs of each JVM. Each log is a line of evidence/gc-matrix/logs.ndjson.

import type { Logging } from './combinations.ts';

export interface MatrixRow {
  jvm: string;
  collector: string;
  logging: Logging['name'];
  pauses: { parsed: number; printed: number };
  seconds: { parsed: number; printed: number };
  unparsed: number;
  /** Absent if the log has no pauses, or the option does not print their start. */
  own?: {
    count: { logged: number; told: number };
    seconds: { logged: number; told: number };
    /** Possible rounding error in seconds, in either direction. */
    resolution: number;
  };
}

export function renderGcMatrix(rows: readonly MatrixRow[], made: string): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [
    '# GC logs of every JVM',
    '',
    'A small program allocates under each collector of each JVM and logs with each set of options, among them those of the start scripts of',
    'Kafka and RocketMQ. Plimsoll parses each log. _Same as printed_: number and sum of pauses equal those of an independent line counter.',
    '_JVM difference_: largest difference between the sum of pauses and what the JVM itself counted (management beans or flight recorder). The',
    'JVM leaves out what is inside another pause, and beans count in milliseconds, so short pauses differ most. A JVM whose count differs, or',
    'whose sum is more than 3% apart, runs again, at most four times.',
    made,
    '',
    line(['JVM', 'collectors', 'logs', 'same as printed', 'pauses', 'unparsed lines', 'JVM difference']),
    line(['---', '---', '---:', '---:', '---:', '---:', '---:']),
    ...groupsOf(rows).map((group) => line(cellsOf(group))),
    '',
    'Each log: [gc-matrix/logs.ndjson](../../evidence/gc-matrix/logs.ndjson).',
  ].join('\n');
}

function groupsOf(rows: readonly MatrixRow[]): MatrixRow[][] {
  const groups = new Map<string, MatrixRow[]>();
  for (const row of rows) {
    groups.set(row.jvm, [...(groups.get(row.jvm) ?? []), row]);
  }
  return [...groups.values()];
}

function cellsOf(group: readonly MatrixRow[]): (string | number)[] {
  const [first] = group;
  const same = group.filter(
    ({ pauses, seconds }) => pauses.parsed === pauses.printed && seconds.parsed === seconds.printed,
  );
  const differences = group.flatMap(({ own }) =>
    own === undefined || own.seconds.told === 0 ? [] : [Math.abs(own.seconds.logged / own.seconds.told - 1)],
  );
  return [
    first?.jvm ?? '',
    [...new Set(group.map(({ collector }) => collector))].join(', '),
    group.length,
    same.length,
    group.reduce((sum, { pauses }) => sum + pauses.parsed, 0),
    group.reduce((sum, { unparsed }) => sum + unparsed, 0),
    differences.length === 0 ? '' : `${(100 * Math.max(...differences)).toFixed(1)}%`,
  ];
}
