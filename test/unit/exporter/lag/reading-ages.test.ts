import { expect, test } from 'vitest';
import { readingAges } from '../../../../exporter/lag/reading-ages.ts';

/** Queue 0 on two RocketMQ brokers; broker-b did not answer for commits, and its ends are younger. */
const ages = readingAges({
  cluster: { name: 'lab', kind: 'rocketmq', brokers: [] },
  topics: [
    {
      name: 'orders',
      internal: false,
      partitions: ['broker-a', 'broker-b', 'broker-c'].map((brokerName) => ({
        topic: 'orders',
        partition: 0,
        brokerName,
        ...(brokerName !== 'broker-c' && { leader: `${brokerName}:0` }),
        replicas: [`${brokerName}:1`],
        inSyncReplicas: [],
      })),
    },
  ],
  offsets: [],
  groups: [{ name: 'billing', partitions: [] }],
  sections: [
    { section: 'commits', broker: 'broker-b:0', kind: 'kept', ageSeconds: 90 },
    { section: 'offsets', broker: 'broker-b:0', kind: 'kept', ageSeconds: 30 },
    { section: 'commits', broker: 'broker-a:0', kind: 'fresh', ageSeconds: 0 },
    { section: 'offsets', broker: 'broker-c:1', kind: 'kept', ageSeconds: 20 },
  ],
});
const queueOf = (brokerName: string) => ({ topic: 'orders', partition: 0, brokerName, end: 10n });

test("the ages of a queue's commits and ends are those of its broker", () => {
  expect(ages.ofLag('billing', queueOf('broker-b'))).toBe(90);
  expect(ages.ofEnd(queueOf('broker-b'))).toBe(30);
  expect(ages.ofLag('billing', queueOf('broker-a'))).toBe(0);
});

test('the age of a queue without a leader is that of the slave that serves it', () => {
  expect(ages.ofEnd(queueOf('broker-c'))).toBe(20);
});
