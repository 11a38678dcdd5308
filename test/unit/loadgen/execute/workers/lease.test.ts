import { expect, test, vi } from 'vitest';
import type { TrafficProducer } from '../../../../../brokers/driver.ts';
import { chooseOrigin, createRunClock } from '../../../../../loadgen/execute/run-clock.ts';
import { checkLease, createLease, renewLease } from '../../../../../loadgen/execute/workers/lease.ts';
import { createProductionCounts } from '../../../../../loadgen/execute/workers/production-counts.ts';
import { createSends } from '../../../../../loadgen/execute/workers/sends.ts';
import { createErrorCount } from '../../../../../loadgen/record/error-count.ts';

test('a remote worker that was paused until the coordinator gave it up sends nothing more', async () => {
  const lease = createLease();
  const put = vi.fn<TrafficProducer['send']>(async () => {});
  const producer = { send: put } as unknown as TrafficProducer;
  const clock = createRunClock(chooseOrigin(0));
  const counts = createProductionCounts(['orders']);
  const sends = createSends({
    producer,
    isSingle: false,
    counts,
    book: undefined,
    errors: createErrorCount(),
    clock,
    lease,
  });
  const batch = { topic: 'orders', partition: 0, values: [Buffer.from('one')] };
  const place = { topicIndex: 0, topic: 'orders', partition: 0 };
  const send = () => sends.send({ place, numbers: [0], intended: [0], batch });
  expect(await send()).toBe(true);
  lease[0] = process.hrtime.bigint() - 4_000_000_000n;
  renewLease(lease);
  expect(await send()).toBe(false);
  expect(put).toHaveBeenCalledTimes(1);
  expect(() => checkLease(lease)).toThrow('no data from the coordinator for 3.5 s');
});
