import { describe, expect, test } from 'vitest';
import { AppError } from '../../core/errors.ts';
import { createFakeBroker, type Fate } from '../support/fake-broker.ts';
import { conformsAsTraffic } from './traffic.ts';

describe('the in-memory broker', () => {
  conformsAsTraffic(
    async () => ({
      traffic: createFakeBroker({ topics: { orders: 2 } }).traffic(),
      topic: 'orders',
      partitions: 2,
      async [Symbol.asyncDispose]() {},
    }),
    { keys: true, holdsOnePartition: true },
  );

  const batch = { topic: 'orders', partition: 0, values: [Buffer.from('x')] };
  const withFate = (fateOf: (sequence: number) => Fate) =>
    createFakeBroker({ topics: { orders: 1 }, fateOf: (_, sequence) => fateOf(sequence) });

  test('fails the batches of a configured failure, and stores none of them', async () => {
    const error = new AppError('broker-refused', 'cannot send to orders-0: NOT_ENOUGH_REPLICAS');
    const broker = withFate((sequence) => (sequence === 0 ? { kind: 'fail', error } : { kind: 'acknowledge' }));
    const producer = await broker.traffic().producer({ acks: 'all' });
    await expect(producer.send(batch, { signal: new AbortController().signal })).rejects.toBe(error);
    await producer.send(batch, { signal: new AbortController().signal });
    expect(broker.stored('orders', 0)).toHaveLength(1);
  });

  test('holds a stalled batch until its signal aborts', async () => {
    const broker = withFate(() => ({ kind: 'stall' }));
    const producer = await broker.traffic().producer({ acks: 'all' });
    const stop = new AbortController();
    const sending = producer.send(batch, { signal: stop.signal });
    stop.abort(new Error('given up'));
    await expect(sending).rejects.toThrow('given up');
    expect(broker.stored('orders', 0)).toHaveLength(0);
  });
});
