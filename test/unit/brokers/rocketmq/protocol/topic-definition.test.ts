import { expect, test } from 'vitest';
import { parseGetAllTopicConfig } from '../../../../../brokers/rocketmq/protocol/get-all-topic-config.ts';
import { encodeUpdateTopic } from '../../../../../brokers/rocketmq/protocol/update-topic.ts';
import { topicOf } from '../../../../support/defined-topic.ts';
import { answerOf } from '../../../../support/rocketmq-answers.ts';

const withAttributes = (attributes: Record<string, string>) => topicOf('orders', { attributes });
const sent = (wanted: Record<string, string>, now?: Record<string, string>) =>
  encodeUpdateTopic(withAttributes(wanted), now && withAttributes(now)).fields['attributes'];
const compacted = { 'cleanup.policy': 'COMPACTION' };

test('a new topic gets all of its attributes', () => {
  expect(sent({ ...compacted, 'message.type': 'FIFO' })).toBe('+cleanup.policy=COMPACTION,+message.type=FIFO');
});

test('of a topic that exists, attributes are sent that differ, and those to remove by their name', () => {
  expect(sent(compacted, compacted)).toBeUndefined();
  expect(sent({ ...compacted, 'message.type': 'FIFO' }, { ...compacted, 'message.type': 'NORMAL' })).toBe(
    '+message.type=FIFO',
  );
  expect(sent(compacted, { ...compacted, 'message.type': 'NORMAL' })).toBe('-message.type');
});

test('the sign of a request that some versions keep is no part of a name', () => {
  const body =
    '{"topicConfigTable":{"orders":{"topicName":"orders","readQueueNums":2,"writeQueueNums":2,"perm":6,"topicFilterType":"SINGLE_TAG","topicSysFlag":0,"order":false,"attributes":{"+message.type":"FIFO"}}}}';
  expect(parseGetAllTopicConfig(answerOf(body)).rows).toEqual([withAttributes({ 'message.type': 'FIFO' })]);
});
