import { createTopicsV7, deleteTopicsV4, metadataV10, type API } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { createTopic, deleteTopic } from '../../../../../brokers/kafka/changes/topics.ts';
import type { Link } from '../../../../../brokers/kafka/wire/links.ts';

const io = { signal: new AbortController().signal };
const topicAlreadyExists = 36;

/** A controller whose topic `orders` has three partitions on two brokers. */
function controller(): Link {
  const partitions = [0, 1, 2].map((partitionIndex) => ({
    errorCode: 0,
    partitionIndex,
    leaderId: 1,
    replicaNodes: [1, 2],
    isrNodes: [1, 2],
  }));
  async function answer(_action: string, _io: unknown, api: API<unknown[], unknown>) {
    if (api.key === createTopicsV7.api.key) return { topics: [{ name: 'orders', errorCode: topicAlreadyExists }] };
    return {
      clusterId: 'c',
      controllerId: 1,
      brokers: [],
      topics: [{ name: 'orders', errorCode: 0, isInternal: false, partitions }],
    };
  }
  const ask = answer as unknown as Link['ask'];
  const newest = { CreateTopics: createTopicsV7.api.version, Metadata: metadataV10.api.version };
  const ranges = new Map(Object.entries(newest).map(([name, max]) => [name, { min: 0, max }]));
  return { address: 'b:9092', ranges, ask, askForParts: ask };
}
const create = (wanted: { partitions?: number; replicationFactor?: number }, isRepeat: boolean) =>
  createTopic(controller(), { name: 'orders', ...wanted }, { validateOnly: false, isRepeat }, io);

test('a topic that exists is a conflict', async () => {
  await expect(create({ partitions: 3 }, false)).rejects.toMatchObject({ code: 'topic-conflict' });
});

test('after an answer that was lost, a topic as it was wanted is its own', async () => {
  const shape = { partitions: 3, replicationFactor: 2 };
  expect(await create(shape, true)).toEqual(shape);
  expect(await create({}, true)).toEqual(shape);
});

test('after an answer that was lost, another topic of the name is a conflict', async () => {
  await expect(create({ partitions: 6 }, true)).rejects.toMatchObject({ code: 'topic-conflict' });
  await expect(create({ partitions: 3, replicationFactor: 3 }, true)).rejects.toMatchObject({ code: 'topic-conflict' });
});

test('Kafka 2.4, which speaks version 4 of DeleteTopics, deletes a topic', async () => {
  const versions: number[] = [];
  async function answer(_action: string, _io: unknown, api: API<unknown[], unknown>) {
    versions.push(api.version);
    return { responses: [{ name: 'orders', errorCode: 0 }] };
  }
  const ranges = new Map([['DeleteTopics', { min: 0, max: 4 }]]);
  await deleteTopic({ ...controller(), ranges, askForParts: answer as unknown as Link['askForParts'] }, 'orders', io);
  expect(versions).toEqual([deleteTopicsV4.api.version]);
});
