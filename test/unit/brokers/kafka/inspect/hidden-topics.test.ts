// Checks the messages about topics and groups that Kafka hides without an error.

import { listOffsetsV6, metadataV10, type API } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createInspector } from '../../../../../brokers/kafka/inspect/snapshot.ts';
import type { Link, Links } from '../../../../../brokers/kafka/wire/links.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';

const address = '127.0.0.1:9092';
const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [address] });
const [topicAuthorizationFailed, unknownTopic] = [29, 3];

/** Lists the given topics, and answers with the error code for offsets of another one. */
function linksTo(errorCode: number, listed: readonly object[] = []): Links {
  const answer = async (_action: string, _io: unknown, api: API<unknown[], unknown>, ...request: unknown[]) => {
    if (api.key === listOffsetsV6.api.key) return offsetsFor(errorCode, request as Parameters<typeof offsetsFor>[1]);
    if (api.key !== metadataV10.api.key) throw new AppError('broker-refused', 'not in this test');
    // Before Kafka 2.8, a request for the metadata of an internal topic creates it.
    expect(request[0]).toBeNull();
    return {
      clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
      controllerId: 1,
      brokers: [{ nodeId: 1, host: '127.0.0.1', port: 9092 }],
      topics: listed,
    };
  };
  const ask = answer as unknown as Link['ask'];
  const ranges = new Map(['Metadata', 'ListOffsets'].map((name) => [name, { min: 0, max: 10 }]));
  return {
    to: async () => ({ address, ranges, ask, askForParts: ask }),
    takeCounts: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
}

/** Ends are 10, and last stable offsets 5. @param errorCode for internal topics */
const offsetsFor = (
  errorCode: number,
  [, isolation, topics]: [number, number, { name: string; partitions: object[] }[]],
) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((each) => ({
      ...each,
      errorCode: name.startsWith('__') ? errorCode : 0,
      offset: isolation === 1 ? 5n : 10n,
    })),
  })),
});

async function snapshotOf(links: Links) {
  const clock = systemClock;
  const governor = createReadGovernor({ clock });
  await using inspector = createInspector({ name: 'lab', config, links, clock, governor });
  return await inspector.snapshot({ signal: AbortSignal.timeout(5000) });
}

const sectionsOf = async (links: Links) => (await snapshotOf(links)).sections;

const metadataSection = async (errorCode: number) =>
  (await sectionsOf(linksTo(errorCode))).find(({ section }) => section === 'metadata');

test('a user who may describe no topic gets a message with the missing permission', async () => {
  expect(await metadataSection(topicAuthorizationFailed)).toMatchObject({
    kind: 'fresh',
    refused: 1,
    reason: expect.stringMatching(/^no topics visible: .*\(needs Describe on the topic\)$/) as string,
  });
});

test('a cluster without topics reports no refusal', async () => {
  expect((await metadataSection(unknownTopic))?.refused).toBeUndefined();
});

test('groups without a coordinator, which no broker lists, are reported', async () => {
  const partition = (partitionIndex: number, leaderId: number) => ({
    partitionIndex,
    leaderId,
    replicaNodes: [1],
    isrNodes: [1],
  });
  const partitions = [partition(0, 1), partition(1, -1)];
  const commits = { name: '__consumer_offsets', errorCode: 0, isInternal: true, partitions };
  const sections = await sectionsOf(linksTo(unknownTopic, [commits]));
  expect(sections.filter(({ section, broker }) => section === 'groups' && broker === undefined)).toMatchObject([
    {
      kind: 'fresh',
      refused: 1,
      reason: 'no broker lists the groups of partitions of __consumer_offsets without a leader: 1',
    },
  ]);
});

test('last stable offsets are read if the user may not see whether there are transactions', async () => {
  const partitions = [{ partitionIndex: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] }];
  const orders = [{ name: 'orders', errorCode: 0, isInternal: false, partitions }];
  const hidden = await snapshotOf(linksTo(topicAuthorizationFailed, orders));
  expect(hidden.offsets).toEqual([{ topic: 'orders', partition: 0, start: 10n, end: 10n, lastStable: 5n }]);
  const without = await snapshotOf(linksTo(unknownTopic, orders));
  expect(without.offsets).toEqual([{ topic: 'orders', partition: 0, start: 10n, end: 10n }]);
});
