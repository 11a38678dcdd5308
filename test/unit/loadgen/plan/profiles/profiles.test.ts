import { expect, test } from 'vitest';
import type { Segment } from '../../../../../loadgen/plan/profiles/profile.ts';
import { createProfile, ProfileOptions } from '../../../../../loadgen/plan/profiles/registry.ts';

const profileOf = (options: unknown) => createProfile(ProfileOptions.parse(options));
const rates = (segments: readonly Segment[]) =>
  segments.map((segment) => (segment.kind === 'rate' ? [segment.from, segment.to, segment.duration] : [segment.lanes]));
const messagesOf = (segments: readonly Segment[]) =>
  segments.reduce(
    (sum, segment) => sum + (segment.kind === 'rate' ? ((segment.from + segment.to) / 2) * segment.duration : 0),
    0,
  );

test('steps hold each rate for the same time', () => {
  const profile = profileOf({ kind: 'steps', rates: [1000, 2000], stepDuration: '3m' });
  expect(rates(profile.segments())).toEqual([
    [1000, 1000, 180],
    [2000, 2000, 180],
  ]);
  expect(profile.describe()).toBe('2 steps of 3 min, 1,000 msg/s to 2,000 msg/s');
});

test('a single step is described in the singular', () => {
  expect(profileOf({ kind: 'steps', rates: [1000] }).describe()).toBe('1 step of 20 s, 1,000 msg/s');
});

test('a constant profile is one rate for a duration', () => {
  const profile = profileOf({ kind: 'constant', rate: 250.5, duration: '90s' });
  expect(rates(profile.segments())).toEqual([[250.5, 250.5, 90]]);
  expect(profile.describe()).toBe('250.5 msg/s for 90 s');
});

test('a ramp is split into pieces that are evaluated separately', () => {
  const profile = profileOf({ kind: 'ramp', from: 0, to: 300, duration: '1m' });
  expect(rates(profile.segments())).toEqual([
    [0, 100, 20],
    [100, 200, 20],
    [200, 300, 20],
  ]);
  expect(profile.describe()).toBe('from 0 msg/s to 300 msg/s in 60 s');
});

test('a remainder shorter than a piece lengthens the pieces, so that none is too short', () => {
  const segments = profileOf({ kind: 'ramp', from: 100, to: 100, duration: '50s' }).segments();
  expect(segments.map(({ duration }) => duration)).toEqual([25, 25]);
});

test('a spike rises at once unless it has a rise time', () => {
  const spike = { kind: 'spike', base: 100, peak: 900, before: '10s', hold: '5s', after: '20s' };
  expect(rates(profileOf(spike).segments())).toEqual([
    [100, 100, 10],
    [900, 900, 5],
    [100, 100, 20],
  ]);
  expect(rates(profileOf({ ...spike, rise: '2s' }).segments())).toEqual([
    [100, 100, 10],
    [100, 900, 2],
    [900, 900, 5],
    [900, 100, 2],
    [100, 100, 20],
  ]);
});

test('a soak of a month has one window per hour', () => {
  const segments = profileOf({ kind: 'soak', rate: 1000, duration: '30d' }).segments();
  expect(segments).toHaveLength(720);
  expect(messagesOf(segments)).toBeCloseTo(1000 * 30 * 86_400, 0);
});

test('a diurnal profile is low at its ends and high in the middle, with the mean between', () => {
  const segments = profileOf({ kind: 'diurnal', low: 100, high: 500, period: '24h', periods: 2 }).segments();
  const [first, middle] = [segments[0], segments[segments.length / 4]];
  expect(first).toMatchObject({ kind: 'rate', from: 100 });
  expect(middle).toMatchObject({ kind: 'rate', from: 500 });
  expect(messagesOf(segments)).toBeCloseTo(300 * 2 * 86_400, 0);
  for (const [i, segment] of segments.entries()) {
    const next = segments[i + 1];
    if (segment.kind !== 'rate' || next?.kind !== 'rate') continue;
    expect(next.from).toBeCloseTo(segment.to, 9);
  }
});

test('a short day has fewer pieces, so that each is long enough to evaluate', () => {
  const segments = profileOf({ kind: 'diurnal', low: 0, high: 100, period: '1m' }).segments();
  expect(segments).toHaveLength(12);
  expect(messagesOf(segments)).toBeCloseTo(50 * 60, 6);
});

test('a closed loop multiplies threads by producers', () => {
  const profile = profileOf({ kind: 'closed-loop', producers: 2, threads: [10, 80], stepDuration: '30s' });
  expect(profile.segments()).toEqual([
    { kind: 'lanes', lanes: 20, duration: 30 },
    { kind: 'lanes', lanes: 160, duration: 30 },
  ]);
  expect(profile.describe()).toBe('closed loop of 2 × 10, 80 senders, 30 s each');
  expect(profileOf({ kind: 'closed-loop', threads: 4 }).segments()).toHaveLength(1);
});

test('a backlog grows while consumers are paused, and is drained at the given rate', () => {
  const profile = profileOf({ kind: 'backlog-and-drain', rate: 1000, backlog: '30s', drainRate: 0, drain: '1m' });
  expect(rates(profile.segments())).toEqual([
    [1000, 1000, 30],
    [0, 0, 60],
  ]);
  expect(profile.consumersStopped?.()).toEqual([{ from: 0, to: 30 }]);
  const loaded = profileOf({ kind: 'backlog-and-drain', rate: 1000, backlog: '30s', drain: '1m' });
  expect(rates(loaded.segments())[1]).toEqual([1000, 1000, 60]);
});

test('a replay follows the curve, scaled and sped up', () => {
  const points = [
    { time: 1000, rate: 10 },
    { time: 1060, rate: 30 },
    { time: 1180, rate: 0 },
  ];
  const profile = profileOf({ kind: 'replay', points, factor: 10, speed: 2 });
  expect(rates(profile.segments())).toEqual([
    [100, 300, 30],
    [300, 0, 60],
  ]);
  expect(profile.describe()).toBe('a curve of 3 points between 0 msg/s and 300 msg/s in 90 s');
});

test('a curve with too many points is merged, with the same number of messages', () => {
  const points = Array.from({ length: 25_001 }, (_, i) => ({ time: i * 30, rate: 500 + 400 * Math.sin(i / 1000) }));
  const replay = { kind: 'replay', points };
  const exact = points.slice(1).reduce((sum, { rate }, i) => sum + ((rate + (points[i]?.rate ?? 0)) / 2) * 30, 0);
  const segments = profileOf(replay).segments();
  expect(segments.length).toBeLessThanOrEqual(10_000);
  expect(messagesOf(segments)).toBeCloseTo(exact, 0);
  expect(
    profileOf({ ...replay, speed: 1000 })
      .segments()
      .every(({ duration }) => duration >= 1),
  ).toBe(true);
});

test.each([
  { kind: 'steps', rates: [] },
  { kind: 'steps', rates: [0] },
  { kind: 'constant', rate: 1, duration: '1' },
  { kind: 'sine', rate: 1, duration: '1s' },
  { kind: 'ramp', from: 0, to: 0, duration: '1m' },
  { kind: 'ramp', from: 1, to: 2, duration: '30d', step: '1s' },
  { kind: 'spike', base: 10, peak: 10 },
  { kind: 'soak', rate: 1, duration: '400d' },
  { kind: 'diurnal', low: 5, high: 5 },
  { kind: 'closed-loop', threads: 80_000, producers: 2 },
  { kind: 'closed-loop', threads: [] },
  { kind: 'replay' },
  {
    kind: 'replay',
    file: 'a.csv',
    points: [
      { time: 0, rate: 1 },
      { time: 1, rate: 1 },
    ],
  },
  {
    kind: 'replay',
    points: [
      { time: 1, rate: 1 },
      { time: 1, rate: 2 },
    ],
  },
  {
    kind: 'replay',
    points: [
      { time: 0, rate: 0 },
      { time: 1, rate: 0 },
    ],
  },
  {
    kind: 'replay',
    points: [
      { time: 0, rate: 1 },
      { time: 8 * 86_400, rate: 2 },
    ],
  },
])('%j is not a valid profile', (options) => expect(ProfileOptions.safeParse(options).success).toBe(false));
