// Checks drivers that create and remove topics, on real brokers.

import { expect, test } from 'vitest';
import type { ClusterAdmin, TrafficDriver } from '../../brokers/driver.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

let named = 0;
/** Brokers outlive a test, so names must be unique. */
export const uniqueName = () => `conformance-${process.pid}-${Date.now()}-${named++}`;

/** Input of `conformsAsTraffic`, on a new topic. */
export async function onNewTopic(administer: () => Promise<ClusterAdmin>, open: () => Promise<TrafficDriver>) {
  const admin = await administer();
  const topic = uniqueName();
  await admin.createTopic({ name: topic, partitions: 2, replicationFactor: 1 }, io());
  const traffic = await open();
  return {
    traffic,
    topic,
    partitions: 2,
    async [Symbol.asyncDispose]() {
      await traffic[Symbol.asyncDispose]();
      await admin.deleteTopic(topic, io());
      await admin[Symbol.asyncDispose]();
    },
  };
}

export function conformsAsAdmin(administer: () => Promise<ClusterAdmin>): void {
  test('rejects an existing topic and reports its number of partitions', async () => {
    await using admin = await administer();
    const name = uniqueName();
    await admin.createTopic({ name, partitions: 3, replicationFactor: 1 }, io());
    const again = admin.createTopic({ name, partitions: 5, replicationFactor: 1 }, io());
    await expect(again).rejects.toMatchObject({
      code: 'topic-conflict',
      message: expect.stringContaining('3 partitions'),
    });
    await admin.deleteTopic(name, io());
  });

  test('treats the deletion of a missing topic or group as success', async () => {
    await using admin = await administer();
    await expect(admin.deleteTopic(uniqueName(), io())).resolves.toBeUndefined();
    await expect(admin.deleteGroup(uniqueName(), io())).resolves.toBeUndefined();
  });
}
