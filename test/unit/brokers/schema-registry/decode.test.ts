import avsc from 'avsc';
import protobuf from 'protobufjs';
import { expect, test } from 'vitest';
import type { ReadSchema } from '../../../../brokers/schema-registry/registry-client.ts';
import { createValueDecoder } from '../../../../brokers/schema-registry/value-decoder.ts';
import { AppError } from '../../../../core/errors.ts';
import { framed } from '../../../support/framed-value.ts';

const io = { signal: new AbortController().signal };
const decoderFor = (schema: ReadSchema) => createValueDecoder({ schema: async () => schema });
const avro = (schema: avsc.Schema, ...references: avsc.Schema[]): ReadSchema => ({
  type: 'AVRO',
  schema: JSON.stringify(schema),
  references: references.map((each, index) => ({ name: String(index), schema: JSON.stringify(each) })),
});

const customer: avsc.Schema = {
  type: 'record',
  name: 'Customer',
  namespace: 'shop',
  fields: [{ name: 'card', type: 'string' }],
};
const order: avsc.Schema = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
    { name: 'total', type: { type: 'bytes', logicalType: 'decimal', precision: 10, scale: 2 } },
    { name: 'raw', type: { type: 'fixed', name: 'Pair', size: 2 } },
    { name: 'lines', type: { type: 'array', items: { type: 'map', values: 'double' } } },
    { name: 'customer', type: 'shop.Customer' },
  ],
};

test('an Avro value is shown with all digits, decimals and referenced types', async () => {
  const registry = {};
  avsc.Type.forSchema(customer, { registry });
  const type = avsc.Type.forSchema(order, { registry });
  const value = type.toBuffer({
    id: 9007199254740990,
    note: 'call first',
    total: Buffer.from([0xff, 0x38]),
    raw: Buffer.from([1, 255]),
    lines: [{ a: 1.5 }],
    customer: { card: '4711' },
  });
  const decoded = await decoderFor(avro(order, customer)).decode(framed(7, value), io);
  expect(decoded).toMatchObject({ kind: 'decoded', schemaId: 7, schemaType: 'AVRO' });
  expect(decoded).toHaveProperty(
    'json',
    '{"id":9007199254740990,"note":"call first","total":"-2.00","raw":"0x01ff","lines":[{"a":1.5}],"customer":{"card":"4711"}}',
  );
});

test('an Avro decimal with a default is decoded', async () => {
  // As Debezium registers a NOT NULL column with a default; in a referenced schema as well.
  const amount = {
    type: {
      type: 'bytes',
      scale: 2,
      precision: 10,
      'connect.name': 'org.apache.kafka.connect.data.Decimal',
      logicalType: 'decimal',
    },
    default: '\u0000',
  };
  const price = { type: 'record', name: 'Price', fields: [{ name: 'amount', ...amount }] };
  const value = {
    type: 'record',
    name: 'Value',
    fields: [
      { name: 'default', ...amount },
      { name: 'price', type: 'Price' },
    ],
  };
  const references = [{ name: 'price.avsc', schema: JSON.stringify(price) }];
  const schema = { type: 'AVRO', schema: JSON.stringify(value), references };
  expect(await decoderFor(schema).decode(framed(7, Buffer.from('0404d20201', 'hex')), io)).toMatchObject({
    json: '{"default":"12.34","price":{"amount":"0.01"}}',
  });
});

test('a 64-bit Avro integer beyond 2^53 keeps its last digit', async () => {
  const bytes = Buffer.from('feffffffffffffffff01', 'hex');
  expect(await decoderFor(avro('long')).decode(framed(1, bytes), io)).toMatchObject({ json: '9223372036854775807' });
});

const proto = `syntax = "proto3";
package shop;
import "google/protobuf/timestamp.proto";
import "customer.proto";
message Ignored { string a = 1; }
message Order {
  enum Kind { UNKNOWN = 0; GIFT = 1; }
  message Line { string article = 1; int64 pieces = 2; }
  int64 id = 1;
  repeated Line lines = 2;
  Kind kind = 3;
  google.protobuf.Timestamp at = 4;
  Customer customer = 5;
  map<string, bytes> labels = 6;
}`;
const customerProto = 'syntax = "proto3"; package shop; message Customer { string card_number = 1; }';
const protobufSchema: ReadSchema = {
  type: 'PROTOBUF',
  schema: proto,
  references: [{ name: 'customer.proto', schema: customerProto }],
};

function protobufRoot(): protobuf.Root {
  const root = new protobuf.Root();
  protobuf.parse(customerProto, root, { keepCase: true });
  protobuf.parse(proto, root, { keepCase: true });
  root.addJSON(protobuf.common.get('google/protobuf/timestamp.proto')?.nested ?? {});
  root.resolveAll();
  return root;
}

test('a Protobuf value is decoded as the message type that its indexes name', async () => {
  const type = protobufRoot().lookupType('shop.Order');
  const value = {
    id: '9223372036854775807',
    lines: [{ article: 'cup', pieces: 2 }],
    kind: 1,
    at: { seconds: 1 },
    customer: { card_number: '4711' },
    labels: { a: Buffer.from('b') },
  };
  const bytes = Buffer.from(type.encode(type.fromObject(value)).finish());
  const decoded = await decoderFor(protobufSchema).decode(framed(3, Buffer.concat([Buffer.from([2, 2]), bytes])), io);
  expect(decoded).toMatchObject({ kind: 'decoded', schemaType: 'PROTOBUF' });
  expect(JSON.parse(decoded?.kind === 'decoded' ? decoded.json : '')).toEqual({
    ...value,
    lines: [{ article: 'cup', pieces: '2' }],
    kind: 'GIFT',
    at: { seconds: '1' },
    labels: { a: 'Yg==' },
  });
  const line = protobufRoot().lookupType('shop.Order.Line');
  const nested = Buffer.from(line.encode({ article: 'pot' }).finish());
  // Two indexes, 1 and 0, in zigzag encoding.
  expect(
    await decoderFor(protobufSchema).decode(framed(3, Buffer.concat([Buffer.from([4, 2, 0]), nested])), io),
  ).toMatchObject({ json: '{"article":"pot"}' });
  expect(
    await decoderFor(protobufSchema).decode(framed(3, Buffer.concat([Buffer.from([0]), Buffer.from([10, 1, 65])])), io),
  ).toMatchObject({ json: '{"a":"A"}' });
});

// As a Confluent producer registers it: types known to the registry are not in the references (skip.known.types).
test('a Protobuf value with types built into the Confluent registry is decoded', async () => {
  const schema = `syntax = "proto3";
import "confluent/meta.proto";
import "confluent/type/decimal.proto";
import "google/type/money.proto";
import "google/type/dayofweek.proto";
import "google/type/interval.proto";
message Order {
  confluent.type.Decimal amount = 1 [(confluent.field_meta) = { params: [ { key: "precision", value: "10" } ] }];
  google.type.Money price = 2;
  google.type.DayOfWeek day = 3;
  google.type.Interval open = 4;
}`;
  const amount = '0a080a0204d2100a1802';
  const price = '120d0a03455552100c1880cab5ee01';
  const open = '22040a020801';
  const value = Buffer.from(`00${amount}${price}1805${open}`, 'hex');
  const decoded = await decoderFor({ type: 'PROTOBUF', schema, references: [] }).decode(framed(3, value), io);
  expect(decoded).toMatchObject({
    kind: 'decoded',
    json: '{"amount":{"value":"BNI=","precision":10,"scale":2},"price":{"currency_code":"EUR","units":"12","nanos":500000000},"day":"FRIDAY","open":{"start_time":{"seconds":"1"}}}',
  });
});

test.each<[string, ReadSchema['references']]>([
  [
    'that two files import',
    [
      {
        name: 'customer.proto',
        schema:
          'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message C { google.protobuf.Timestamp at = 1; }',
      },
    ],
  ],
  [
    'that is registered as a reference',
    [
      {
        name: 'google/protobuf/timestamp.proto',
        schema: 'syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
      },
    ],
  ],
  [
    'beside custom options',
    [
      {
        name: 'options.proto',
        schema:
          'syntax = "proto3"; import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { string owner = 50001; }',
      },
    ],
  ],
])('a well-known type %s is defined once', async (_, references) => {
  const schema =
    'syntax = "proto3"; import "google/protobuf/timestamp.proto"; message Order { google.protobuf.Timestamp at = 1; }';
  const decoder = decoderFor({ type: 'PROTOBUF', schema, references });
  expect(await decoder.decode(framed(3, Buffer.from('000a020807', 'hex')), io)).toMatchObject({
    json: '{"at":{"seconds":"7"}}',
  });
});

test('framed JSON is shown without its header', async () => {
  const schema = { type: 'JSON', schema: '{}', references: [] };
  expect(await decoderFor(schema).decode(framed(2, Buffer.from('{"a": 1}')), io)).toMatchObject({ json: '{"a": 1}' });
});

test('a value without the frame is left alone', async () => {
  const decoder = decoderFor(avro('string'));
  for (const value of [undefined, Buffer.from('{}'), Buffer.from([0, 0, 0]), Buffer.from([0, 0, 0, 0, 0, 1])]) {
    expect(await decoder.decode(value, io)).toBeUndefined();
  }
});

test.each([
  ['a torn value', avro('string'), Buffer.from([8, 65]), 'schema 5 does not decode it: truncated buffer'],
  [
    'another message type',
    protobufSchema,
    Buffer.from([2, 18, 1]),
    'schema 5 does not decode it: the schema has no message type 9',
  ],
  ['torn indexes', protobufSchema, Buffer.from([4, 2]), 'the message indexes are truncated'],
  [
    'an unknown kind',
    { type: 'XML', schema: '', references: [] },
    Buffer.from('a'),
    'schemas of type XML are not supported',
  ],
  [
    'an invalid schema',
    { type: 'AVRO', schema: '{"type":"nonsense"}', references: [] },
    Buffer.from('a'),
    'unknown type',
  ],
  [
    'JSON with NaN, as Python writes it,',
    { type: 'JSON', schema: '{}', references: [] },
    Buffer.from('{"cvv":"123","x":NaN}'),
    'schema 5 does not decode it: it is not JSON',
  ],
  [
    'items that take no byte',
    avro({ type: 'array', items: 'null' }),
    Buffer.from('feffffffffffffffff01', 'hex'),
    'its length is unbounded',
  ],
] as const)('%s is shown as bytes, with the reason', async (_, schema, content, reason) => {
  const decoded = await decoderFor(schema).decode(framed(5, content), io);
  expect(decoded).toMatchObject({ kind: 'not-decoded', schemaId: 5, reason: expect.stringContaining(reason) });
  expect(JSON.stringify(decoded)).not.toContain('123');
});

test('an unavailable registry is given as the reason', async () => {
  const fault = new AppError(
    'answer-unreadable',
    'cannot read the schema registry http://registry: connection refused',
  );
  const decoder = createValueDecoder({ schema: () => Promise.reject(fault) });
  expect(await decoder.decode(framed(5, Buffer.from('a')), io)).toEqual({
    kind: 'not-decoded',
    schemaId: 5,
    reason: fault.message,
  });
});
