// Measures a fixed loop. Speed goals are multiples of it, because absolute times are not comparable between machines.

import { performance } from 'node:perf_hooks';
import { median, type BenchResult } from './bench.ts';

const rounds = 3;

export interface Spent {
  /** Wall-clock seconds. */
  wall: number;
  /** User and system CPU seconds. */
  processor: number;
}

export function spentOn(work: () => void): Spent {
  const [used, started] = [process.cpuUsage(), performance.now()];
  work();
  const { user, system } = process.cpuUsage(used);
  return { wall: (performance.now() - started) / 1000, processor: (user + system) / 1e6 };
}

/** Returns the median of three runs. Run it right before or after the compared work. */
export function referenceLoop(): Spent {
  const spent = Array.from({ length: rounds }, () => spentOn(runLoop));
  return { wall: median(spent.map(({ wall }) => wall)), processor: median(spent.map(({ processor }) => processor)) };
}

/** Both halves take the same time: arithmetic over a table of 8 MB, then objects that are created, found and sorted. */
function runLoop(): void {
  const total = tableSteps(10_000_000) + objectRounds(250);
  if (!(total > 0)) throw new Error('the reference loop computed nothing');
}

function tableSteps(steps: number): number {
  const table = new Float64Array(2 ** 20).fill(1);
  let state = 2_463_534_242;
  for (let step = 0; step < steps; step += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    const place = state & (table.length - 1);
    table[place] = (table[place] ?? 0) * 0.999 + Math.sqrt(step);
  }
  return table[0] ?? 0;
}

function objectRounds(count: number): number {
  let sum = 0;
  for (let round = 0; round < count; round += 1) {
    const rows = Array.from({ length: 2000 }, (_, row) => ({
      key: `key-${(row * 7919) % 2000}`,
      value: (row * 31) % 97,
    }));
    const byKey = new Map(rows.map((row) => [row.key, row]));
    for (const { key, value } of rows.toSorted((a, b) => a.value - b.value))
      sum += value + (byKey.get(key)?.value ?? 0);
  }
  return sum;
}

/** @param most limit as a multiple of the reference */
export function againstReference(
  metric: string,
  { ours, reference, most }: { ours: number; reference: number; most: number },
): BenchResult {
  return {
    metric,
    unit: 's',
    ours,
    peer: { name: 'reference loop', version: '1', value: reference },
    goal: `at most ${most} x the reference loop`,
    met: ours <= most * reference,
  };
}
