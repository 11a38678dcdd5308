import { expect, test } from 'vitest';
import type { Cluster } from '../../../../core/cluster.ts';
import type { ClusterInspector } from '../../../../brokers/driver.ts';
import type { Section } from '../../../../brokers/snapshot.ts';
import { lookAtBrokers } from '../../../../app/load-test/broker-coverage.ts';
import { systemClock } from '../../../../core/clock.ts';

const cluster: Cluster = { name: 'lab', kind: 'kafka', brokers: [{ id: '1', address: '127.0.0.1:9092' }] };
const fresh: Section = { section: 'offsets', broker: '1', kind: 'fresh' };
const missing: Section = { section: 'offsets', broker: '1', kind: 'missing' };

/** @param told sum of the broker's offsets, reading by reading */
async function look(...told: readonly Section[]) {
  let reads = 0;
  const inspector: ClusterInspector = {
    describe: async () => cluster,
    snapshot: async () => ({ cluster, topics: [], offsets: [], groups: [], sections: [told[reads++] ?? missing] }),
    [Symbol.asyncDispose]: async () => {},
  };
  const parts = { inspector, stated: {}, hosts: {}, stateDirectory: '', clock: systemClock };
  const { brokers } = await lookAtBrokers(parts, { signal: new AbortController().signal });
  return { reads, rateAgeSeconds: brokers[0]?.rateAgeSeconds };
}

test('a broker that reported its offsets gets one request', async () =>
  expect(await look(fresh)).toEqual({ reads: 1, rateAgeSeconds: 0 }));
test('one that missed its moment is asked again', async () =>
  expect(await look(missing, fresh)).toEqual({ reads: 2, rateAgeSeconds: 0 }));
test('one that is away is out of sight after the second time', async () =>
  expect(await look(missing, missing, fresh)).toEqual({ reads: 2, rateAgeSeconds: undefined }));
