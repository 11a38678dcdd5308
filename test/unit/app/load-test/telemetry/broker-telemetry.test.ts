import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { BrokerReading, BrokerSource, BrokerWatch } from '../../../../../brokers/figures/broker-reading.ts';
import { recordBrokers } from '../../../../../app/load-test/telemetry/broker-telemetry.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { TelemetryRecord } from '../../../../../core/documents/evidence/telemetry.ts';
import { kafkaPair } from '../../../../support/broker-readings.ts';

const io = { signal: new AbortController().signal };

const watchOf = (...sources: BrokerSource[]): BrokerWatch => ({
  sources: async () => sources,
  async [Symbol.asyncDispose]() {},
});
const inTurn = (name: string, ...readings: BrokerReading[]): BrokerSource => ({
  name,
  read: async () => readings.splice(0, 1),
});

/** Samples each second of the run, with time for pending reads to end. */
async function run(watches: BrokerWatch[], seconds: number): Promise<TelemetryRecord[]> {
  await using telemetry = recordBrokers('lab', watches, systemClock);
  const records: TelemetryRecord[] = [];
  for (let second = 0; second <= seconds; second++) {
    records.push(...telemetry.sample(() => second, io));
    await delay(5);
  }
  return records;
}

test('two readings of a real broker make one record that the bundle accepts', async () => {
  const { before, after } = await kafkaPair('jolokia');
  const [record, ...others] = await run([watchOf(inTurn('JMX of broker 1', before, after))], 3);
  expect(others).toEqual([]);
  expect(TelemetryRecord.parse(record)).toMatchObject({
    kind: 'broker',
    cluster: 'lab',
    broker: '1',
    source: 'jolokia',
    intervalSeconds: 1,
    figures: { messagesInPerSecond: 6000, connections: 7 },
  });
});

test('a source that hangs delays no other and is not read twice at once, and a source that fails is an error', async () => {
  const { before, after } = await kafkaPair('jolokia');
  let asked = 0;
  const hangs: BrokerSource = { name: 'JMX of broker 2', read: () => (asked++, new Promise(() => {})) };
  const fails: BrokerSource = {
    name: 'JMX of broker 3',
    read: () => Promise.reject(new AppError('broker-unreachable', 'refused')),
  };
  const records = await run([watchOf(hangs, fails, inTurn('JMX of broker 1', before, after))], 3);
  expect(asked).toBe(1);
  expect(records.filter(({ kind }) => kind === 'broker')).toHaveLength(1);
  expect(records.find(({ kind }) => kind === 'error')).toMatchObject({
    source: 'JMX of broker 3',
    code: 'broker-unreachable',
    message: 'refused',
  });
});

test('a missed reading makes the interval longer and counts nothing twice', async () => {
  const { before, after } = await kafkaPair('jolokia');
  let turn = 0;
  const source: BrokerSource = {
    name: 'JMX of broker 1',
    async read() {
      turn++;
      if (turn === 2) throw new AppError('broker-unreachable', 'once');
      return [turn === 1 ? before : after];
    },
  };
  const rates = (await run([watchOf(source)], 4)).flatMap((record) =>
    record.kind === 'broker' ? [[record.intervalSeconds, record.figures.messagesInPerSecond]] : [],
  );
  expect(rates).toEqual([
    [2, 3000],
    [1, 0],
  ]);
});

test('reads GC pauses from the GC log if there is one', async () => {
  const { before, after } = await kafkaPair('jolokia');
  const log = (pauses: number): BrokerReading => ({
    broker: '1',
    source: 'gc-log',
    counters: { pauses, pauseSeconds: pauses / 10 },
    figures: {},
  });
  const records = await run(
    [watchOf(inTurn('GC log', log(1), log(2), log(2))), watchOf(inTurn('JMX', before, after, after))],
    4,
  );
  const shares = records.flatMap((record) =>
    record.kind === 'broker' && record.figures.gcPauseShare !== undefined ? [record.source] : [],
  );
  expect(shares).toEqual(['gc-log', 'gc-log']);
});

test('reads heap figures from JMX if the GC log has none', async () => {
  const { before, after } = await kafkaPair('jolokia');
  const log: BrokerReading = {
    broker: '1',
    source: 'gc-log',
    counters: { pauses: 1, pauseSeconds: 0.1 },
    figures: {},
  };
  const records = await run([watchOf(inTurn('GC log', log, log)), watchOf(inTurn('JMX', before, after, after))], 4);
  const ofJmx = records.flatMap((record) =>
    record.kind === 'broker' && record.source === 'jolokia' ? [record.figures] : [],
  );
  expect(ofJmx.length).toBeGreaterThan(0);
  for (const figures of ofJmx) expect(figures.heapUsedRatio).toBeGreaterThan(0);
});
