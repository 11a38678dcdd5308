import { expect, test } from 'vitest';
import type { FoundMessage } from '../../../../brokers/lookup.ts';
import { maskedFields } from '../../../../app/observe/masked-messages.ts';
import { messageRow, shownMessage } from '../../../../service/clusters/shown-message.ts';

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
  expect(maskedFields({ name: 'orders-paid' }, rules)).toEqual(['phone', 'userid', '$key']);
  expect(maskedFields({ name: 'orders-new', kind: 'normal' }, rules)).toEqual(['phone', 'userid']);
  expect(maskedFields({ name: 'refunds' }, rules)).toBeUndefined();
});

test('all rules apply to topics of RocketMQ that hold copies of messages, whatever their names are', () => {
  expect(maskedFields({ name: '%DLQ%billing', kind: 'dead-letter' }, rules)).toEqual(['phone', 'userid', '$key']);
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

test('a value is shown as JSON with masked fields', () => {
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
