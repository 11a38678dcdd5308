import { expect, test } from 'vitest';
import { recordLive } from '../../../../app/redline/record-live.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { BundleWriter } from '../../../../loadgen/record/bundle/bundle-writer.ts';
import type { LiveReading } from '../../../../ops/redline/live-load.ts';

const log = { append: () => {}, flush: async () => {} };
const bundle = { journal: log, telemetry: log } as unknown as BundleWriter;

/** The partitions of a topic as the brokers describe them once a second. */
const reading = (): LiveReading =>
  ({
    atSeconds: systemClock.monotonic(),
    brokers: ['1'],
    topics: ['orders'],
    ends: new Map(),
    takers: new Map(),
    layout: new Map(),
  }) as unknown as LiveReading;

function recorded(signal: AbortSignal) {
  return recordLive(
    {
      driver: { broker: { id: '1' }, read: async () => reading() } as never,
      only: () => true,
      messageBytes: 500,
      bundle,
      telemetry: { describe: async () => ({}), sample: async () => [] } as never,
      environment: { hosts: [], brokers: [], generatorHost: 'generator' },
      clock: systemClock,
      see: () => {},
    },
    { signal },
  );
}

test('whoever waits for the next reading hears of an interruption at once, and can restore the layout', async () => {
  const interrupted = new AbortController();
  await using recorder = await recorded(interrupted.signal);
  await recorder.next();
  const next = recorder.next();
  interrupted.abort(new Error('interrupted'));
  await expect(next).rejects.toThrow('interrupted');
  await expect(recorder.next()).rejects.toThrow('interrupted');
});
