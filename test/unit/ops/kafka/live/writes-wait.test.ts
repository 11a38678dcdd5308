import { expect, test } from 'vitest';
import { handOversIn, spacedSeconds, writesWait, type Delays } from '../../../../../ops/kafka/live/writes-wait.ts';

const place = (partition: number) => ({ topic: 'orders', partition });
const written = new Map([0, 1, 2, 3].map((partition) => [`orders-${partition}`, 1000]));
const four: Delays = { handOvers: [0, 1, 2, 3].map(place), written, share: 0.005 };
const backoffs = new Map([
  [1, 1000],
  [2, 100],
  [3, 500],
]);

test('reports the longest fetch backoff of followers and the brokers that have it', () => {
  const found = writesWait(backoffs, four);
  expect(found).toMatchObject({ severity: 'info', code: 'writes-wait' });
  expect(found?.evidence[0]).toMatchObject({ value: 1000, unit: 'ms' });
  expect(found?.message).toContain('may wait for 1 s');
  expect(found?.message).toContain('replica.fetch.backoff.ms of brokers 1, 3).');
});

test('the plan predicts the duration of hand-overs that delay no more than a share of the writes', () => {
  // Each hand-over delays a quarter of the writes for 1 s: 1 s of all writes in 200 s is 0.5%.
  expect(writesWait(backoffs, four)?.evidence).toContainEqual(
    expect.objectContaining({ name: 'least duration', value: 200, unit: 's' }),
  );
  expect(spacedSeconds([writesWait(backoffs, four) ?? []].flat())).toBe(200);
  expect(spacedSeconds([])).toBe(0);
  expect(writesWait(backoffs, four)?.message).toContain('p99 of all writes is not expected to include them');
  expect(writesWait(backoffs, { ...four, share: 0.02 })?.message).toContain('expect a p99 of 1 s');
  const { share: _, ...unspaced } = four;
  expect(writesWait(backoffs, unspaced)?.message).toContain('expect a p99 of writes of up to 1 s');
  expect(writesWait(backoffs, { ...four, written: new Map() })?.message).toContain('Nothing was written');
});

test('counts a hand-over of a partition for each copy, for removed replicas, and for another leader', () => {
  const now = [
    { ...place(0), replicas: [1, 2, 3] },
    { ...place(1), replicas: [1, 2, 3] },
    { ...place(2), replicas: [1, 2, 3] },
  ];
  const plan = [
    { ...place(0), replicas: [4, 2, 5] },
    { ...place(1), replicas: [2, 1, 3] },
    { ...place(2), replicas: [1, 3] },
  ];
  expect(handOversIn(plan, now).map(({ partition }) => partition)).toEqual([0, 0, 0, 1, 2]);
});

test.each([[new Map([[1, 100]])], [new Map<number, number>()]])(
  'does not report waits too short to notice',
  (short) => {
    expect(writesWait(short, four)).toBeUndefined();
  },
);
