import { expect, test, vi } from 'vitest';
import type { TrafficDriver, TrafficProducer } from '../../../../../brokers/driver.ts';
import { createLease, renewLease, underLease } from '../../../../../loadgen/execute/workers/lease.ts';

test('a remote worker that was paused until the coordinator gave it up sends nothing more', async () => {
  const lease = createLease();
  const put = vi.fn<TrafficProducer['send']>(async () => {});
  const producing = { send: put, async [Symbol.asyncDispose]() {} };
  const traffic: Pick<TrafficDriver, 'producer'> = { producer: async () => producing };
  const producer = await underLease(traffic, lease).producer({ acks: 'all' });
  const batch = { topic: 'orders', partition: 0, values: [Buffer.from('one')] };
  const send = () => producer.send(batch, { signal: new AbortController().signal });
  await send();
  lease[0] = process.hrtime.bigint() - 4_000_000_000n;
  expect(() => renewLease(lease)).toThrow('no data from the coordinator for 3.5 s');
  await expect(send()).rejects.toMatchObject({ code: 'coordinator-lost' });
  expect(put).toHaveBeenCalledTimes(1);
});
