import { expect, test } from 'vitest';
import { createTelemetrySource } from '../../../../app/load-test/telemetry/telemetry.ts';
import { recordLive, type LiveRecorder } from '../../../../app/redline/record-live.ts';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import { type Clock, seconds, systemClock } from '../../../../core/clock.ts';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import type { HostProbe } from '../../../../hosts/probe.ts';
import type { BundleWriter } from '../../../../loadgen/record/bundle/bundle-writer.ts';
import type { LiveReading } from '../../../../ops/redline/live-load.ts';
import { idleCard } from '../../../support/idle-counters.ts';

const log = { append: () => {}, flush: async () => {} };
const bundle = { journal: log, telemetry: log } as unknown as BundleWriter;

/** The partitions of a topic as the brokers describe them once a second. */
const reading = ({ monotonic }: Clock = systemClock): LiveReading =>
  ({
    atSeconds: monotonic(),
    brokers: ['1'],
    topics: ['orders'],
    ends: new Map(),
    takers: new Map(),
    layout: new Map(),
  }) as unknown as LiveReading;

function recorded(signal: AbortSignal, over: Partial<Parameters<typeof recordLive>[0]> = {}) {
  return recordLive(
    {
      driver: { broker: { id: '1' }, read: async () => reading() } as never,
      only: () => true,
      bundle,
      telemetry: { describe: async () => ({}), sample: async () => [] } as never,
      environment: { hosts: [], brokers: [], generatorHost: 'generator' },
      clock: systemClock,
      see: () => {},
      ...over,
    },
    { signal },
  );
}

test('records messages of live producers without bytes, which are not counted', async () => {
  const lines: JournalLine[] = [];
  let end = 0n;
  const read = async () => ({
    ...reading(),
    ends: new Map([['orders-0', (end += 10n)]]),
    takers: new Map([['orders-0', '1']]),
  });
  const journal = { ...log, append: (line: JournalLine) => void lines.push(line) };
  await using recorder = await recorded(new AbortController().signal, {
    driver: { broker: { id: '1' }, read } as never,
    bundle: { ...bundle, journal } as unknown as BundleWriter,
  });
  await recorder.next();
  expect(lines[0]).toMatchObject({ kind: 'produced', acknowledged: 10, bytes: 0 });
});

test('an interruption rejects a pending wait for the next reading at once, so that the layout can be restored', async () => {
  const interrupted = new AbortController();
  await using recorder = await recorded(interrupted.signal);
  await recorder.next();
  const next = recorder.next();
  interrupted.abort(new Error('interrupted'));
  await expect(next).rejects.toThrow('interrupted');
  await expect(recorder.next()).rejects.toThrow('interrupted');
});

const cluster = { name: 'lab', kind: 'kafka' as const, brokers: [{ id: '1', address: 'mq-1:9092' }] };
const inspector: ClusterInspector = {
  describe: async () => cluster,
  snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [] }),
  async [Symbol.asyncDispose]() {},
};

/**
 * Returns the measured uses of a link with 35% use in each second.
 * @param lateness seconds between the counters of a reading and its stamp
 */
async function usesSeen(lateness: readonly number[]): Promise<number[]> {
  let now = 0;
  let read = 0;
  const clock: Clock = {
    now: () => new Date(now * 1000),
    monotonic: () => seconds(now),
    // The test reads between two seconds.
    sleep: (duration) => new Promise((resolve) => setImmediate(() => resolve(void (now += duration)))),
  };
  const speed = { bitsPerSecond: 8000, source: 'config' };
  const probe: HostProbe = {
    describe: async () => ({ host: 'mq-1', networkDevices: [{ device: 'eth0', speed }] }),
    async sample() {
      const receiveBytes = 350 * now;
      now += lateness[read++] ?? 0;
      return { networkDevices: [{ ...idleCard, receiveBytes }] };
    },
    async [Symbol.asyncDispose]() {},
  };
  await using telemetry = createTelemetrySource({
    cluster: 'lab',
    inspector,
    brokerHosts: { '1': { host: 'mq-1' } },
    hosts: [{ name: 'mq-1', probe }],
    generatorHost: '',
    topics: [],
    groups: new Map(),
    clock,
  });
  const { signal } = new AbortController();
  const uses: number[] = [];
  const enough = Promise.withResolvers<void>();
  const recorder: LiveRecorder = await recordLive(
    {
      driver: { broker: { id: '1' }, read: async () => reading(clock) } as never,
      only: () => true,
      bundle,
      telemetry,
      environment: await telemetry.describe({ signal }),
      clock,
      see() {
        uses.push(...recorder.recentUses(5).values());
        if (read > lateness.length) enough.resolve();
      },
    },
    { signal },
  );
  await enough.promise;
  await recorder[Symbol.asyncDispose]();
  return uses;
}

test('irregular read times of a link do not increase its measured use', async () => {
  const uses = await usesSeen([0, 0, 0, 0, 0, 0, 0.85, 0, 0, 0.85, 0, 0, 0, 0.85, 0, 0, 0, 0, 0, 0]);
  expect(uses.length).toBeGreaterThan(30);
  expect(Math.max(...uses)).toBeCloseTo(0.35, 6);
});
