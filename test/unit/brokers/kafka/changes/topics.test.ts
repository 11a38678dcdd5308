import { createTopicsV7, deleteTopicsV4, deleteTopicsV6, metadataV10, type API } from '@platformatic/kafka';
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
const answering = (answer: (...question: never[]) => Promise<unknown>): Link => ({
  ...controller(),
  askForParts: answer as Link['askForParts'],
});
const create = (wanted: { partitions?: number; replicationFactor?: number }, isRepeat: boolean) =>
  createTopic(controller(), { name: 'orders', ...wanted }, { validateOnly: false, isRepeat }, io);

test('creating a topic that exists is a conflict', async () => {
  await expect(create({ partitions: 3 }, false)).rejects.toMatchObject({ code: 'topic-conflict' });
});

test('without permission to read broker defaults, creating a topic needs partitions and replication factor', async () => {
  const made = { name: 'orders', errorCode: 0, numPartitions: -1, replicationFactor: -1 };
  const link = answering(async () => ({ topics: [made] }));
  await expect(createTopic(link, { name: 'orders' }, { validateOnly: true }, io)).rejects.toMatchObject({
    code: 'broker-refused',
    hint: expect.stringContaining('--partitions and --replication-factor') as string,
  });
});

test('a topic name that the controller refuses is a usage error', async () => {
  const refused = { name: 'order paid', errorCode: 17, errorMessage: "Topic name is invalid: 'order paid' …" };
  const link = answering(async () => ({ topics: [refused] }));
  await expect(createTopic(link, { name: 'order paid' }, { validateOnly: true }, io)).rejects.toMatchObject({
    code: 'usage',
    message: expect.stringContaining('INVALID_TOPIC_EXCEPTION, Topic name is invalid') as string,
  });
});

test('after a lost response, an existing topic with the requested shape counts as created', async () => {
  const shape = { partitions: 3, replicationFactor: 2 };
  expect(await create(shape, true)).toEqual(shape);
  expect(await create({}, true)).toEqual(shape);
});

test('after a lost response, an existing topic with another shape is a conflict', async () => {
  await expect(create({ partitions: 6 }, true)).rejects.toMatchObject({ code: 'topic-conflict' });
  await expect(create({ partitions: 3, replicationFactor: 3 }, true)).rejects.toMatchObject({ code: 'topic-conflict' });
});

/** @returns the controller, and the versions and topics of the requests it received */
function deleting(newest: number, errorCode = 0) {
  const requests: unknown[] = [];
  async function answer(_action: string, _io: unknown, api: API<unknown[], unknown>, topics: unknown) {
    requests.push([api.version, topics]);
    return { responses: [{ name: 'orders', errorCode }] };
  }
  const ranges = new Map([['DeleteTopics', { min: 0, max: newest }]]);
  return { link: { ...answering(answer), ranges }, requests };
}

const topicId = '6f1c8a52-0d4e-4b7f-9a3c-2e5d7b9f1a04';

test('a topic is deleted with DeleteTopics version 4 on Kafka 2.4', async () => {
  const { link, requests } = deleting(4);
  await deleteTopic(link, { name: 'orders' }, { isRepeat: false }, io);
  expect(requests).toEqual([[deleteTopicsV4.api.version, [{ name: 'orders' }]]]);
});

test('a topic with an id is deleted by id, even after a lost response, so that a re-created topic is kept', async () => {
  const unknownTopicId = 100;
  const { link, requests } = deleting(6, unknownTopicId);
  await deleteTopic(link, { name: 'orders', id: topicId }, { isRepeat: true }, io);
  expect(requests).toEqual([[deleteTopicsV6.api.version, [{ topicId }]]]);
});

test('a deletion by name is not retried if the topic was re-created', async () => {
  const { link, requests } = deleting(5);
  const known = {
    name: 'orders',
    async beforeRepeat() {
      throw new Error('created again');
    },
  };
  await deleteTopic(link, known, { isRepeat: false }, io);
  await expect(deleteTopic(link, known, { isRepeat: true }, io)).rejects.toThrow('created again');
  expect(requests).toHaveLength(1);
});
