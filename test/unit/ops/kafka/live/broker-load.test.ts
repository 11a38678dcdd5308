import { expect, test } from 'vitest';
import { busiest, loadBetween, type SizeReading } from '../../../../../ops/kafka/live/broker-load.ts';
import { throttleFor } from '../../../../../ops/kafka/execute/throttle.ts';
import { Brokers, parseFile } from '../../../../../ops/kafka/reassign/files.ts';
import { slowestLink } from '../../../../../ops/kafka/reassign/pace.ts';

const reading = (atSeconds: number, sizes: Record<number, Record<string, number>>): SizeReading => ({
  atSeconds,
  brokers: Object.entries(sizes).map(([broker, logs]) => ({
    disk: { broker: Number(broker) },
    offline: [],
    replicas: Object.entries(logs).map(([name, bytes]) => ({
      topic: name.slice(0, -2),
      partition: Number(name.at(-1)),
      broker: Number(broker),
      bytes,
    })),
  })),
});
const before = reading(10, { 1: { 'a-0': 1000 }, 2: { 'a-0': 1000, 'b-0': 9000 }, 3: { 'a-0': 0 } });
const after = reading(12, { 1: { 'a-0': 3000 }, 2: { 'a-0': 3000, 'b-0': 500 }, 3: { 'a-0': 2800 } });
const leaders = new Map([
  ['a-0', 1],
  ['b-0', 2],
]);

test('growth counts as incoming bytes, except of logs that lost segments and of replicas being copied', () => {
  const load = loadBetween(before, after, leaders, ({ broker }) => broker === 3);
  expect([...load.incoming]).toEqual([
    [1, 1000],
    [2, 1000],
    [3, 0],
  ]);
  expect([...load.replicating]).toEqual([
    [1, 1000],
    [2, 0],
    [3, 0],
  ]);
  expect(load.written.get('a-0')).toBe(1000);
  expect(busiest(load.incoming)).toBe(1000);
});

test('the throttle is half of what the busiest link of the wave leaves, but at least what lets replicas catch up', () => {
  const load = {
    seconds: 2,
    written: new Map([['a-0', 2e6]]),
    incoming: new Map([
      [1, 4e6],
      [2, 1e6],
    ]),
    replicating: new Map([[1, 8e6]]),
  };
  const copied = [{ topic: 'a', partition: 0, replicas: [1, 3], adding: [2], leader: 1 }];
  expect(throttleFor({ networkBytesPerSecond: 100e6 }, load, copied)).toEqual({
    bytesPerSecond: 41_400_000,
    isTight: false,
  });
  // The leader counts both followers, including the one that is in sync.
  expect(throttleFor({ networkBytesPerSecond: 10e6 }, load, copied)).toEqual({
    bytesPerSecond: 5_000_000,
    isTight: true,
  });
  expect(throttleFor({ throttleBytesPerSecond: 20e6, networkBytesPerSecond: 10e6 }, load, copied)).toEqual({
    bytesPerSecond: 20e6,
    isTight: false,
  });
  expect(throttleFor({}, load, copied)).toBeUndefined();
});

test('partitions that do not move do not raise the throttle, and consumers keep their share of the link', () => {
  const on = (rate: number) => new Map([1, 2, 3].map((broker) => [broker, rate]));
  const written = new Map([
    ['quiet-0', 1e6],
    ['busy-0', 150e6],
  ]);
  const load = { seconds: 2, written, incoming: on(450e6), replicating: on(300e6) };
  const copied = [{ topic: 'quiet', partition: 0, replicas: [1, 2], adding: [3], leader: 1 }];
  const throttled = { throttleBytesPerSecond: 50e6, networkBytesPerSecond: 1250e6 };
  expect(throttleFor(throttled, load, copied)).toEqual({ bytesPerSecond: 50e6, isTight: false });
  expect(throttleFor(throttled, load, copied, 1 / 8)?.bytesPerSecond).toBe(6_250_000);
  expect(throttleFor({ networkBytesPerSecond: 1250e6 }, load, copied)).toEqual({
    bytesPerSecond: 360e6,
    isTight: false,
  });
});

test('the slowest link of --brokers limits the throttle, unless a link speed is unknown', () => {
  const brokersOf = (...speeds: readonly (number | undefined)[]) =>
    parseFile(
      JSON.stringify(speeds.map((networkBytesPerSecond, id) => ({ id, capacity: { networkBytesPerSecond } }))),
      Brokers,
      'brokers.json',
    );
  expect(slowestLink(brokersOf(1250e6, 125e6, 1250e6))).toBe(125e6);
  expect(slowestLink(brokersOf(1250e6, undefined))).toBeUndefined();
});
