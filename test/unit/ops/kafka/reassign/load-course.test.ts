import { expect, test } from 'vitest';
import { loadCourse } from '../../../../../ops/kafka/reassign/load-course.ts';
import { paceOf } from '../../../../../ops/kafka/reassign/pace.ts';

const brokers = [1, 2, 3].map((id) => ({ id, networkBytesPerSecond: 100, diskBytes: 100_000 }));
const partitions = [0, 1].map((partition) => ({ topic: 'orders', partition, replicas: [0, 1], bytes: 30_000 }));
const pace = { throttleBytesPerSecond: 50, etaSeconds: { low: 300, mid: 600, high: 900 } };
const moves = [0, 1].map((index) => ({
  wave: [{ index, replicas: [0, 2], to: 2, from: 0 }],
  pace,
}));

test('the busiest link carries the throttle and the incoming rate while data is copied', () => {
  const course = loadCourse(moves, { brokers, partitions, incoming: 20 });
  expect(course?.stepSeconds).toBe(60);
  expect(course?.points.map(({ network }) => network)).toEqual(Array.from({ length: 20 }, () => 0.7));
});

test('with a throttle above the link speed, copies use 0.9 of a link in addition to the incoming rate', () => {
  const { wave } = moves[0]!;
  const unlimited = paceOf(wave, { brokers, partitions }, { incoming: 20, throttle: 50e6 });
  expect(unlimited.throttleBytesPerSecond).toBe(50e6);
  const points = loadCourse([{ wave, pace: unlimited }], { brokers, partitions, incoming: 20 })?.points ?? [];
  expect(points.map(({ network }) => network)).toEqual(Array.from({ length: 10 }, () => 1.1));
});

test('the fullest disk keeps old replicas until a wave ends', () => {
  const points = loadCourse(moves, { brokers, partitions })?.points ?? [];
  // Broker 2 held both until the first wave was over; broker 1 holds them for good.
  expect(points.map(({ disk }) => disk)).toEqual(Array.from({ length: 20 }, () => 0.6));
  const crowded = [1, 2, 3].map((id) => ({
    ...brokers[0],
    id,
    diskBytes: id === 3 ? 40_000 : 1e9,
    networkBytesPerSecond: 100,
  }));
  const filling = loadCourse(moves.slice(0, 1), { brokers: crowded, partitions })?.points.map(({ disk }) => disk) ?? [];
  expect(filling.at(0)).toBeCloseTo(3000 / 40_000);
  expect(filling.at(-1)).toBeCloseTo(0.75);
});

test('a broker with less to copy finishes before the end of the wave', () => {
  const small = { topic: 'small', partition: 0, replicas: [1], bytes: 6000 };
  const both = {
    pace,
    wave: [
      { index: 0, replicas: [0, 2], to: 2, from: 0 },
      { index: 1, replicas: [0], to: 0, from: 1 },
    ],
  };
  const fast = brokers.map((broker) => ({ ...broker, networkBytesPerSecond: broker.id === 2 ? 10 : 1000 }));
  const points = loadCourse([both], { brokers: fast, partitions: [partitions[0]!, small] })?.points ?? [];
  // 6000 bytes leave broker 2 at 50 bytes/s within two minutes; its link takes 10.
  expect(points.slice(0, 3).map(({ network }) => network)).toEqual([5, 5, 0.05]);
});

test('a duration of days has longer steps, and one of a minute shorter ones', () => {
  const of = (mid: number) =>
    loadCourse([{ ...moves[0]!, pace: { ...pace, etaSeconds: { low: mid, mid, high: mid } } }], {
      brokers,
      partitions,
    });
  expect([of(60)?.stepSeconds, of(60)?.points.length]).toEqual([6, 10]);
  expect([of(3 * 86_400)?.stepSeconds, of(3 * 86_400)?.points.length]).toEqual([180, 1440]);
});

test('reports nothing without speeds, sizes or moves', () => {
  const unsized = [{ topic: 'orders', partition: 0, replicas: [0, 1] }];
  expect(loadCourse(moves.slice(0, 1), { brokers, partitions: unsized })).toBeUndefined();
  expect(loadCourse(moves, { brokers: [{ id: 1 }, { id: 2 }, { id: 3 }], partitions })).toBeUndefined();
  expect(loadCourse([{ wave: [{ index: 0, replicas: [1, 0] }], pace: {} }], { brokers, partitions })).toBeUndefined();
  const noDisks = brokers.map(({ id, networkBytesPerSecond }) => ({ id, networkBytesPerSecond }));
  expect(loadCourse(moves, { brokers: noDisks, partitions })?.points[0]).toEqual({ network: 0.5 });
});
