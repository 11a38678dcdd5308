import { expect, test } from 'vitest';
import { watchIowait } from '../../../exporter/watch-iowait.ts';
import type { HostReading } from '../../../core/documents/evidence/host-reading.ts';

const io = { signal: new AbortController().signal };
const core = { user: 0, nice: 0, system: 0, idle: 0, iowait: 0, irq: 0, softirq: 0, steal: 0 };

/** @returns iowait shares over readings of two cores, each with these idle and iowait seconds */
async function toldOver(...readings: (readonly [idle: number, iowait: number] | undefined)[]): Promise<number[]> {
  const told: number[] = [];
  const rest = readings.values();
  const probe = watchIowait(
    {
      describe: async () => ({ host: 'a' }),
      async sample(): Promise<HostReading> {
        const times = rest.next().value;
        return times === undefined ? {} : { cpus: [core, { ...core, idle: times[0], iowait: times[1] }] };
      },
      async [Symbol.asyncDispose]() {},
    },
    (ratio) => told.push(ratio),
  );
  for (const _ of readings) await probe.sample(new Set(), io);
  return told;
}

test('the share covers the time between two samples', async () => {
  expect(await toldOver([100, 50], [106, 54], [116, 54])).toEqual([0.4, 0]);
});

test('one sample, or a host without CPU counters, has no iowait share', async () => {
  expect(await toldOver([100, 50])).toEqual([]);
  expect(await toldOver(undefined, undefined)).toEqual([]);
});

test('samples close together count as one', async () => {
  expect(await toldOver([100, 50], [100.25, 50.25], [105, 55])).toEqual([0.5]);
});

test('a restarted host is compared only with its own later samples', async () => {
  expect(await toldOver([100, 50], [5, 5], [11, 9])).toEqual([0.4]);
});
