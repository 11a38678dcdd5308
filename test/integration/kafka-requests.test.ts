// Counts the requests of one collection on a cluster with many groups and partitions.

import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { connectionsApiChannel, protocolAPIsById } from '@platformatic/kafka';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { usedDiskRatio } from '../../brokers/reported-disks.ts';
import { openKafka } from '../../lab/seed/seed-lab.ts';
import { startKafka } from '../support/kafka.ts';
import { requires } from '../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const topics = 20;
const partitions = 10;
const groups = 250;

/** Counts requests of all connections of this process. */
async function countingRequests(work: () => Promise<void>): Promise<Record<string, number>> {
  const sent: Record<string, number> = {};
  const count = (message: unknown) => {
    const api = protocolAPIsById[(message as { apiKey: number }).apiKey] ?? '';
    sent[api] = (sent[api] ?? 0) + 1;
  };
  connectionsApiChannel.start.subscribe(count);
  try {
    await work();
  } finally {
    connectionsApiChannel.start.unsubscribe(count);
  }
  return sent;
}

requires('java', 'maven').test(
  'a scrape costs a few requests per broker and one per hundred groups, and creates nothing',
  async () => {
    await using kafka = await startKafka({ properties: { 'auto.create.topics.enable': 'true' } });
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    {
      await using cluster = await openKafka('lab', config, io());
      for (let topic = 0; topic < topics; topic++) await cluster.ensureTopic(`topic-${topic}`, partitions, io());
      const offsets = new Map(Array.from({ length: partitions }, (_, partition) => [partition, 0n]));
      for (let group = 0; group < groups; group++) {
        await cluster.commit(`group-${group}`, `topic-${group % topics}`, offsets, io());
      }
    }
    await using inspector = await kafkaDriver.inspect('lab', config, io());
    const first = await inspector.snapshot(io());
    expect(first.groups).toHaveLength(groups);
    expect(first.groups.every((group) => [...group.partitions].length === partitions)).toBe(true);
    expect(first.offsets.length).toBeGreaterThanOrEqual(topics * partitions);

    let told: Readonly<Record<string, number>> | undefined;
    const sent = await countingRequests(async () => {
      const { requests } = await inspector.snapshot(io());
      told = requests;
    });
    expect(sent).toEqual({
      Metadata: 1,
      ListGroups: 1,
      DescribeGroups: 3,
      OffsetFetch: 3,
      ListOffsets: 2,
      DescribeQuorum: 1,
    });
    expect(told).toEqual(sent);

    const withDisks = await inspector.snapshot(io(), { topics: [], groups: [], disks: true });
    const { bavail, blocks } = await statfs(tmpdir());
    const [broker] = withDisks.cluster.brokers;
    expect(usedDiskRatio(broker?.id ?? '', withDisks)).toBeCloseTo(1 - bavail / blocks, 2);
    expect(withDisks.requests?.['DescribeLogDirs']).toBe(1);

    // Requests by name must not create the topic, although this broker allows it.
    const none = await inspector.snapshot(io(), { topics: ['not-there'], groups: ['not-there'] });
    expect([none.topics, none.groups]).toEqual([[], []]);
    const after = await inspector.snapshot(io());
    expect(after.topics.map(({ name }) => name)).not.toContain('not-there');
    expect(after.groups).toHaveLength(groups);
  },
  180_000,
);
