import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { openKafkaChanges } from '../../../../../brokers/kafka/changes/kafka-changes.ts';
import { createKafkaLookup } from '../../../../../brokers/kafka/lookup/lookup.ts';
import { seconds } from '../../../../../core/clock.ts';
import { apiKeys, apiVersionsAnswer, startScriptedKafka } from '../../../../support/scripted-kafka.ts';

const io = { signal: AbortSignal.timeout(20_000) };
const describeConfigs = 32;
const ranges = { [apiKeys.metadata]: [0, 10], [apiKeys.apiVersions]: [0, 2], [describeConfigs]: [0, 4] } as const;

const noTags = Buffer.from([0]);
const compact = (text: string) => Buffer.concat([Buffer.from([text.length + 1]), Buffer.from(text)]);
const int16 = (value: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

/** A Metadata version 10 response of broker 1, which is the controller; the topics have no partitions. */
function metadataAnswer(address: string, topics: readonly string[] = []): Buffer {
  const [host = '', port = ''] = address.split(':');
  const noRack = Buffer.from([0]);
  const broker = Buffer.concat([int32(1), compact(host), int32(Number(port)), noRack, noTags]);
  const [noId, notInternal, noPartitions] = [Buffer.alloc(16), Buffer.from([0]), Buffer.from([1])];
  const operations = int32(-2_147_483_648);
  const brokers = Buffer.concat([Buffer.from([2]), broker]);
  const listed = topics.map((name) =>
    Buffer.concat([int16(0), compact(name), noId, notInternal, noPartitions, operations, noTags]),
  );
  const all = Buffer.concat([Buffer.from([topics.length + 1]), ...listed]);
  return Buffer.concat([noTags, int32(0), brokers, compact('c'), int32(1), all, operations, noTags]);
}

/** A DescribeConfigs version 4 response: one resource without settings. */
function settingsAnswer(topic: string): Buffer {
  const [noMessage, ofTopic, noSettings] = [Buffer.from([0]), Buffer.from([2]), Buffer.from([1])];
  const result = Buffer.concat([int16(0), noMessage, ofTopic, compact(topic), noSettings, noTags]);
  return Buffer.concat([noTags, int32(0), Buffer.from([2]), result, noTags]);
}

test('metadata is requested without topics to read a setting, and with all topics for a description', async () => {
  /** First byte of the list of topics: 0 for all topics, otherwise their number plus 1. */
  const lists: number[] = [];
  let own = '';
  await using broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
    [apiKeys.metadata]({ body }) {
      // The header's tags precede the list.
      lists.push(body.readUInt8(1));
      return metadataAnswer(own);
    },
    [describeConfigs]: () => settingsAnswer('orders'),
  });
  own = broker.address;
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [own] });
  await using changes = openKafkaChanges('lab', config);
  expect(await changes.settingsOf({ kind: 'topic', name: 'orders' }, ['retention.ms'], io)).toEqual(new Map());
  expect(await changes.canReassign(io)).toBe(false);
  expect(lists).toEqual([1, 1]);
  expect((await changes.describe(io)).brokers).toEqual([{ id: '1', address: own }]);
  expect(lists).toEqual([1, 1, 0]);
});

test('a lookup of a mistyped topic suggests the topic with a similar name', async () => {
  let own = '';
  await using broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
    // The response has no entry for an unknown topic.
    [apiKeys.metadata]: ({ body }) => metadataAnswer(own, body.readUInt8(1) === 0 ? ['orders'] : []),
  });
  own = broker.address;
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [own] });
  await using lookup = await createKafkaLookup('lab', config, io);
  await expect(lookup.partitions('oders', io)).rejects.toMatchObject({
    code: 'not-found',
    message: 'cluster lab has no topic oders',
    hint: 'did you mean orders? Kafka hides a topic from a user without Describe on it.',
  });
});

test('a lookup of an unknown topic reports it even if the list of topics cannot be read', async () => {
  let own = '';
  let closeConnections = (): void => undefined;
  await using broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
    [apiKeys.metadata]({ body }) {
      if (body.readUInt8(1) > 0) return metadataAnswer(own);
      closeConnections();
      return undefined;
    },
  });
  own = broker.address;
  closeConnections = () => broker.drop();
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [own] });
  await using lookup = await createKafkaLookup('lab', config, io);
  await expect(lookup.partitions('oders', io)).rejects.toMatchObject({
    code: 'not-found',
    message: 'cluster lab has no topic oders',
    hint: '`plimsoll get topics` lists its topics. Kafka hides a topic from a user without Describe on it.',
  });
});

test("a change stops retrying after the caller's patience if every broker is gone, and fails with the reason", async () => {
  let own = '';
  const broker = await startScriptedKafka({
    [apiKeys.apiVersions]: (request) => apiVersionsAnswer(request, ranges),
    [apiKeys.metadata]: () => metadataAnswer(own),
    [describeConfigs]: () => settingsAnswer('orders'),
  });
  own = broker.address;
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [own] });
  await using admin = openKafkaAdministration('lab', config, { patience: seconds(0) });
  await admin.settingsOf({ kind: 'topic', name: 'orders' }, ['retention.ms'], io);
  await broker[Symbol.asyncDispose]();
  await expect(admin.deleteTopic('orders', io)).rejects.toMatchObject({ code: 'broker-unreachable' });
});
