import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ClusterConfig } from '../../../../brokers/config.ts';
import type { FoundMessage } from '../../../../brokers/lookup.ts';
import { maskedFields, maskedFieldsOf, maskedTrace, searchesMasked } from '../../../../app/observe/masked-messages.ts';
import { findTraces } from '../../../../app/observe/message-trace.ts';
import { messageRow, shownMessage } from '../../../../service/clusters/shown-message.ts';
import { runWords } from '../../../support/run-words.ts';

const message = (over: Partial<FoundMessage> = {}): FoundMessage => ({
  topic: 'orders-paid',
  partition: 3,
  brokerName: 'broker-a',
  offset: 7n,
  storedAtMs: 0,
  value: Buffer.from('{"phone":"139","id":1}'),
  properties: [
    ['KEYS', Buffer.from('order-1')],
    ['userId', Buffer.from('u-1')],
  ],
  facts: { 'born by': '10.0.0.7:40122' },
  ...over,
});
const rules = [
  { topics: 'orders-*', fields: ['phone', 'userid'] },
  { topics: '*-paid', fields: ['$key'] },
];

test('the rules of all patterns that match a topic apply together', () => {
  expect(maskedFields({ name: 'orders-paid', broker: 'rocketmq' }, rules)).toEqual(['phone', 'userid', '$key']);
  expect(maskedFields({ name: 'orders-new', kind: 'normal', broker: 'rocketmq' }, rules)).toEqual(['phone', 'userid']);
  expect(maskedFields({ name: 'refunds', broker: 'rocketmq' }, rules)).toBeUndefined();
});

test('all rules apply to topics of RocketMQ that hold copies of messages, whatever their names are', () => {
  expect(maskedFields({ name: '%DLQ%billing', kind: 'dead-letter', broker: 'rocketmq' }, rules)).toEqual([
    'phone',
    'userid',
    '$key',
  ]);
});

test.each(['RMQ_SYS_TRANS_HALF_TOPIC', 'RMQ_SYS_ROCKSDB_TRANS_HALF_TOPIC'])('all rules apply to %s', (topic) => {
  const config = { broker: 'rocketmq' } as ClusterConfig;
  expect(maskedFieldsOf(topic, { config, masks: rules })).toEqual(['phone', 'userid', '$key']);
});

test('headers and keys are masked by name', () => {
  expect(messageRow(message(), ['userid', '$key'])).toMatchObject({
    partition: 'broker-a:3',
    keys: ['•••'],
    headers: [
      ['KEYS', '•••'],
      ['userId', '•••'],
    ],
    valueBytes: 22,
  });
});

test.each(['KEYS', 'keys', 'UNIQ_KEY'])('a mask of the property %s of RocketMQ hides the keys too', (field) => {
  const masked =
    maskedFields({ name: 'orders-paid', broker: 'rocketmq' }, [{ topics: 'orders-*', fields: [field] }]) ?? [];
  expect(messageRow(message(), masked).keys).toEqual(['•••']);
  expect(searchesMasked({ key: 'order-1' }, masked)).toBe(true);
  const ofKafka =
    maskedFields({ name: 'orders-paid', broker: 'kafka' }, [{ topics: 'orders-*', fields: [field] }]) ?? [];
  expect(searchesMasked({ key: 'order-1' }, ofKafka)).toBe(false);
});

test('a JSON value is shown with masked fields', () => {
  const { value } = shownMessage(message(), ['phone']);
  expect(value).toEqual({ kind: 'shown', isCut: false, text: '{\n  "phone": "•••",\n  "id": 1\n}' });
});

test('a value that is not JSON is hidden where fields are masked, and shown as text or hex elsewhere', () => {
  const text = message({ value: Buffer.from('phone=139') });
  expect(shownMessage(text, ['phone']).value).toEqual({ kind: 'hidden' });
  expect(shownMessage(text, undefined).value).toMatchObject({ kind: 'shown', text: 'phone=139\n' });
  const bytes = message({ value: Buffer.from([0, 1, 0xff]) });
  expect(shownMessage(bytes, undefined).value).toMatchObject({ text: expect.stringContaining('00 01 ff') });
});

test('a long value is cut, and a tombstone has none', () => {
  const long = shownMessage(message({ value: Buffer.alloc(100_000, 'x') }), undefined);
  expect(long.value).toMatchObject({ kind: 'shown', isCut: true });
  const { value: _, ...rest } = message();
  expect(shownMessage(rest, undefined).value).toEqual({ kind: 'tombstone' });
});

const framed = message({ value: Buffer.from([0, 0, 0, 0, 7, 2]) });

test('masks hide fields of a value that a schema registry decoded', () => {
  const decoded = {
    kind: 'decoded',
    schemaId: 7,
    schemaType: 'AVRO',
    json: '{"Phone":"139","id":9007199254740993}',
  } as const;
  expect(shownMessage(framed, ['phone'], decoded).value).toEqual({
    kind: 'shown',
    isCut: false,
    text: '{\n  "Phone": "•••",\n  "id": 9007199254740993\n}',
    schema: { id: 7, type: 'AVRO' },
  });
});

test('a value that could not be decoded is shown as bytes with the reason, and hidden where fields are masked', () => {
  const decoded = { kind: 'not-decoded', schemaId: 7, reason: 'the registry has no schemas/ids/7' } as const;
  expect(shownMessage(framed, undefined, decoded)).toMatchObject({
    value: { kind: 'shown', text: expect.stringContaining('00 00 00 00 07 02') },
    notDecoded: decoded.reason,
  });
  expect(shownMessage(framed, ['phone'], decoded)).toMatchObject({
    value: { kind: 'hidden' },
    notDecoded: decoded.reason,
  });
});

/** Traces as a client writes them: what it sent, and the end of its transaction. */
const traces = [
  ['Pub', '1', 'r', 'senders', 'orders-paid', 'ID-1', 'refund', 'order-1 order-2', 'b:1', '5', '2', '0', 'true'],
  ['EndTransaction', '2', 'r', 'senders', 'orders-paid', 'ID-1', '', 'order-1', 'b:1', '1', 't-1', 'COMMIT', 'false'],
].map((fields) => `${fields.join('\u0001')}\u0002`);
const lookup = {
  messages: async () => ({ kind: 'found' as const, messages: [message({ value: Buffer.from(traces.join('')) })] }),
};
const io = { signal: new AbortController().signal };

test('a trace is shown with masked keys and tags by the topic of each record', async () => {
  const { traces: found } = await findTraces(lookup, 'ID-1', io);
  const keysBy = (fields: readonly string[] | undefined) =>
    found.map((trace) => maskedTrace(trace, (topic) => (topic === 'orders-paid' ? fields : undefined)));
  const hidden = [{ sent: { keys: ['•••'], tags: 'refund' }, transactions: [{ keys: ['•••'] }] }];
  expect(keysBy(['$key'])).toMatchObject(hidden);
  const shown = { sent: { keys: ['order-1', 'order-2'], tags: '•••' }, transactions: [{ keys: ['order-1'] }] };
  expect(keysBy(['tags'])).toMatchObject([shown]);
  expect(keysBy(undefined)).toEqual(found);
});

test('a trace is found by key only if the search includes keys', async () => {
  expect((await findTraces(lookup, 'order-1', io)).traces).toEqual([]);
  expect((await findTraces(lookup, 'order-1', { ...io, byKey: true })).traces).toHaveLength(1);
});

test.each([
  ['get', 'message', '--topic', 'orders-paid', '--key', 'order-1'],
  ['get', 'message-trace', '--key', 'order-1'],
  ['ops', 'rocketmq', 'resend', '--topic', '%DLQ%billing', '--key', 'order-1'],
  ['ops', 'rocketmq', 'resend', '--topic', '%DLQ%billing', '--contains', '139'],
  ['ops', 'rocketmq', 'resend', '--topic', '%DLQ%billing', '--header', 'userId=u-1'],
])('refuses to search a masked field: %s %s', async (...words) => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-masks-'));
  const file = join(folder.path, 'plimsoll.yaml');
  const clusters = { lab: { broker: 'rocketmq', namesrv: ['127.0.0.1:1'] } };
  await writeFile(file, JSON.stringify({ clusters, service: { messages: { mask: rules } } }));
  const { exitCode, stderr } = await runWords(...words, '--config', file);
  expect([exitCode, stderr]).toEqual([
    2,
    expect.stringContaining('what service.messages.mask hides cannot be searched'),
  ]);
});

test('traces of a Kafka cluster are refused without a connection, because Kafka keeps none', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-traces-'));
  const file = join(folder.path, 'plimsoll.yaml');
  await writeFile(file, JSON.stringify({ clusters: { lab: { broker: 'kafka', bootstrap: ['127.0.0.1:1'] } } }));
  const { exitCode, stderr } = await runWords('get', 'message-trace', '7F00', '--config', file);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining('Kafka keeps no message traces')]);
});
