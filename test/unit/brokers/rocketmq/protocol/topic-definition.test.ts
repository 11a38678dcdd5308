import { expect, test } from 'vitest';
import { parseGetAllTopicConfig, encodeUpdateTopic } from '../../../../../brokers/rocketmq/protocol/topic-requests.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { answerOf } from '../../../../support/rocketmq-answers.ts';

const withAttributes = (attributes: Record<string, string>) => topicOf('orders', { attributes });
const sent = (wanted: Record<string, string>, now?: Record<string, string>) =>
  encodeUpdateTopic(withAttributes(wanted), now && withAttributes(now)).fields['attributes'];
const compacted = { 'cleanup.policy': 'COMPACTION' };

test('a new topic gets all its attributes', () => {
  expect(sent({ ...compacted, 'message.type': 'FIFO' })).toBe('+cleanup.policy=COMPACTION,+message.type=FIFO');
});

test('for an existing topic, changed attributes are sent, and removed ones by name', () => {
  expect(sent(compacted, compacted)).toBeUndefined();
  expect(sent({ ...compacted, 'message.type': 'FIFO' }, { ...compacted, 'message.type': 'NORMAL' })).toBe(
    '+message.type=FIFO',
  );
  expect(sent(compacted, { ...compacted, 'message.type': 'NORMAL' })).toBe('-message.type');
});

test('a topic is static on the brokers to which its queues are mapped', () => {
  const config = (name: string) =>
    `"${name}":{"topicName":"${name}","readQueueNums":2,"writeQueueNums":2,"perm":6,"topicFilterType":"SINGLE_TAG","topicSysFlag":0,"order":false,"attributes":{}}`;
  const mapping = (name: string, hosted: string) =>
    `"${name}":{"bname":"broker-a","currIdMap":{},"epoch":1764320000000,"hostedQueues":{${hosted}},"scope":"__global__","topic":"${name}","totalQueues":2}`;
  const item =
    '0:[{"bname":"broker-a","endOffset":-1,"gen":0,"logicOffset":0,"queueId":0,"startOffset":0,"timeOfEnd":-1,"timeOfStart":-1}]';
  const body = `{"topicConfigTable":{${['here', 'elsewhere', 'usual'].map(config).join()}},"topicQueueMappingDetailMap":{${mapping('here', item)},${mapping('elsewhere', '')}}}`;
  expect(parseGetAllTopicConfig(answerOf(body)).rows).toEqual([
    topicOf('here', { isStatic: true }),
    topicOf('elsewhere'),
    topicOf('usual'),
  ]);
});

test('a plus sign that some versions keep in attribute names is removed', () => {
  const body =
    '{"topicConfigTable":{"orders":{"topicName":"orders","readQueueNums":2,"writeQueueNums":2,"perm":6,"topicFilterType":"SINGLE_TAG","topicSysFlag":0,"order":false,"attributes":{"+message.type":"FIFO"}}}}';
  expect(parseGetAllTopicConfig(answerOf(body)).rows).toEqual([withAttributes({ 'message.type': 'FIFO' })]);
});
