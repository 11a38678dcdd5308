import { expect, test } from 'vitest';
import { createDeliveries } from '../../../../../brokers/kafka/platformatic/deliveries.ts';

const batch = (partition: number) => ({ topic: 't', partition, values: [Buffer.from('x')], offsets: [0] });
const turn = () => new Promise(setImmediate);

test('a callback that returns at once advances its partition', () => {
  const deliveries = createDeliveries(() => {});
  deliveries.beginAt(new Map([[0, 5n]]));
  void deliveries.deliver(batch(0), 9n);
  expect(deliveries.positions.get(0)).toBe(9n);
  expect(deliveries.free([0])).toEqual([0]);
});

test('a pending callback holds its partition and position until it has finished', async () => {
  const held = Promise.withResolvers<void>();
  const deliveries = createDeliveries(() => held.promise);
  deliveries.beginAt(
    new Map([
      [0, 5n],
      [1, 0n],
    ]),
  );
  void deliveries.deliver(batch(0), 9n);
  expect(deliveries.free([0, 1])).toEqual([1]);
  expect(deliveries.positions.get(0)).toBe(5n);
  held.resolve();
  await deliveries.next();
  expect(deliveries.free([0, 1])).toEqual([0, 1]);
  expect(deliveries.positions.get(0)).toBe(9n);
});

test('a callback that finishes after a rebalance advances only a partition that starts at the same position', async () => {
  for (const [begun, expected] of [
    [5n, 9n],
    [7n, 7n],
    [undefined, undefined],
  ] as const) {
    const held = Promise.withResolvers<void>();
    const deliveries = createDeliveries(() => held.promise);
    deliveries.beginAt(new Map([[0, 5n]]));
    void deliveries.deliver(batch(0), 9n);
    deliveries.beginAt(begun === undefined ? new Map() : new Map([[0, begun]]));
    held.resolve();
    await deliveries.settled();
    expect(deliveries.positions.get(0)).toBe(expected);
  }
});

test('the next batch of a partition waits until the previous one is committed', async () => {
  const done: string[] = [];
  const deliveries = createDeliveries(
    () => void done.push('taken'),
    async (partition, next) => void done.push(`committed ${partition} at ${next}`),
  );
  deliveries.beginAt(new Map([[3, 0n]]));
  void deliveries.deliver(batch(3), 1n);
  expect(deliveries.free([3])).toEqual([]);
  await deliveries.next();
  expect(done).toEqual(['taken', 'committed 3 at 1']);
});

test('a batch whose callback failed is not delivered again, and the failure is reported', async () => {
  const deliveries = createDeliveries(() => Promise.reject(new Error('full')));
  deliveries.beginAt(new Map([[0, 5n]]));
  void deliveries.deliver(batch(0), 9n);
  await expect(deliveries.failed).rejects.toThrow('full');
  await turn();
  expect(deliveries.free([0])).toEqual([]);
  expect(deliveries.positions.get(0)).toBe(5n);
  await deliveries.settled();
});
