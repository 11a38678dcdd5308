// Parses jstat -gcutil (or -gc) of JDK 8 to 25: collections and their seconds between two rows.

import type { JvmRates } from '../../../../core/documents/evidence/imported-telemetry.ts';
import { type HostToolImporter, leftOut, readNumber, type ToolReading, unreadableReadings } from './host-tool.ts';
import { defined } from '../../../../core/defined.ts';

/*
 * Timestamp         S0     S1     E      O      M     CCS    YGC     YGCT     FGC    FGCT     CGC    CGCT       GCT      heading, again with -h
 *          12.3   0.00 100.00  40.12  12.50  97.01  92.30     31    0.240     0    0.000      4    0.010    0.250      counted since the JVM started
 *
 * Timestamp, in seconds since the start of the JVM, with -t; CGC since JDK 11; `-` for columns that a
 * collector does not have: ZGC has no YGC and FGC, Serial and Parallel have no CGC.
 */
export const jstat = {
  tool: 'jstat',

  detect: (head) => /^(?:Timestamp)?\s*S0C?\s.*\sYGC\s+YGCT\s+FGC\s+FGCT\s/m.test(head),

  import(text) {
    const { left, leave } = leftOut();
    const readings: ToolReading[] = [];
    let columns: ReadonlyMap<string, number> | undefined;
    let last: JvmRow | undefined;
    for (const line of text.split(/\r?\n/)) {
      const fields = line.trim().split(/\s+/);
      if (fields.includes('YGCT')) {
        columns = new Map(fields.map((word, index) => [word, index]));
        continue;
      }
      if (columns === undefined || line.trim() === '') continue;
      const at = columns;
      const row = readRow((column) => fields[at.get(column) ?? -1]);
      if (row === undefined || fields.length !== columns.size) {
        leave('rows that were not understood');
        continue;
      }
      const rates = last && between(last, row);
      if (last === undefined) leave('first row, counted since the JVM started');
      else if (rates === undefined) leave('rows after a restart of the JVM');
      const passed = row.seconds === undefined || last?.seconds === undefined ? undefined : row.seconds - last.seconds;
      if (rates)
        readings.push({
          at: { kind: 'order' },
          ...(passed !== undefined && passed > 0 && { intervalSeconds: passed }),
          jvm: rates,
        });
      last = row;
    }
    if (readings.length === 0) {
      throw unreadableReadings(
        'jstat',
        'two rows of the same JVM are needed',
        'give what `jstat -gcutil -t PID 1000` prints while the load runs',
      );
    }
    return { readings, left };
  },
} satisfies HostToolImporter;

interface JvmRow extends JvmRates {
  seconds?: number;
}

function readRow(cell: (column: string) => string | undefined): JvmRow | undefined {
  const number = (column: string) => readNumber(cell(column));
  const counted = (column: string) => (cell(column) === '-' ? 0 : number(column));
  const [young, youngSeconds, full, fullSeconds] = [counted('YGC'), counted('YGCT'), counted('FGC'), counted('FGCT')];
  if (young === undefined || youngSeconds === undefined || full === undefined || fullSeconds === undefined)
    return undefined;
  // If both are missing, the JVM reports no collections.
  if (number('YGC') === undefined && number('CGC') === undefined) return undefined;
  const [concurrent, concurrentSeconds, seconds] = [counted('CGC'), counted('CGCT'), number('Timestamp')];
  const [capacity, used, percent] = [number('OC'), number('OU'), number('O')];
  const old = percent === undefined ? (capacity ? (used ?? 0) / capacity : undefined) : percent / 100;
  return defined({
    youngCollections: young,
    youngSeconds,
    fullCollections: full,
    fullSeconds,
    concurrentCollections: concurrent,
    concurrentSeconds,
    oldUsedRatio: old === undefined ? undefined : Math.min(1, old),
    seconds,
  });
}

/** @returns undefined if a counter fell, which means another JVM */
function between(before: JvmRow, after: JvmRow): JvmRates | undefined {
  const counters = [
    'youngCollections',
    'youngSeconds',
    'fullCollections',
    'fullSeconds',
    'concurrentCollections',
    'concurrentSeconds',
  ] as const;
  const passed = counters.flatMap((name) => {
    const [was, is] = [before[name], after[name]];
    return was === undefined || is === undefined ? [] : [[name, is - was] as const];
  });
  if (passed.some(([, amount]) => amount < 0)) return undefined;
  return {
    ...(Object.fromEntries(passed) as Omit<JvmRates, 'oldUsedRatio'>),
    ...(after.oldUsedRatio !== undefined && { oldUsedRatio: after.oldUsedRatio }),
  };
}
