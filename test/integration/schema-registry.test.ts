// Shows Avro, Protobuf and JSON messages of a real Kafka with schemas of a real registry, on the command line and on the page.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import avsc from 'avsc';
import protobuf from 'protobufjs';
import { expect } from 'vitest';
import { stringify } from 'yaml';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { startApicurio } from '../support/apicurio.ts';
import { asking } from '../support/asking.ts';
import { framed } from '../support/framed-value.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { servePlimsoll } from '../support/served-plimsoll.ts';

const topic = 'orders';
const customerAvro: avsc.Schema = { type: 'record', name: 'Customer', fields: [{ name: 'card', type: 'string' }] };
const orderAvro: avsc.Schema = {
  type: 'record',
  name: 'Order',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'customer', type: 'Customer' },
  ],
};
const jsonSchema = '{"$schema":"http://json-schema.org/draft-07/schema#","title":"Order","type":"object"}';
const customerProto = 'syntax = "proto3"; package shop; message Customer { string card = 1; }';
const orderProto =
  'syntax = "proto3"; package shop; import "customer.proto"; message Ignored {} message Order { int64 id = 1; Customer customer = 2; }';

if (fullMatrix) {
  requires('java', 'maven').test(
    'values are decoded with their schemas and references, and masks hide decoded fields',
    async () => {
      await using registry = await startApicurio();
      await using kafka = await startKafka();
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-registry-'));
      const refersTo = (name: string, subject: string) => [{ name, subject, version: 1 }];
      await registry.register('customer', { schema: JSON.stringify(customerAvro) });
      const avroId = await registry.register('order-avro', {
        schema: JSON.stringify(orderAvro),
        references: refersTo('Customer', 'customer'),
      });
      await registry.register('customer.proto', { schemaType: 'PROTOBUF', schema: customerProto });
      const protoId = await registry.register('order-proto', {
        schemaType: 'PROTOBUF',
        schema: orderProto,
        references: refersTo('customer.proto', 'customer.proto'),
      });
      const jsonId = await registry.register('order-json', { schemaType: 'JSON', schema: jsonSchema });

      const known = {};
      avsc.Type.forSchema(customerAvro, { registry: known });
      const avro = avsc.Type.forSchema(orderAvro, { registry: known });
      const root = new protobuf.Root();
      for (const each of [customerProto, orderProto]) protobuf.parse(each, root);
      const proto = root.resolveAll().lookupType('shop.Order');
      const order = { id: 4711, customer: { card: '5105' } };
      const values = [
        framed(avroId, avro.toBuffer(order)),
        framed(protoId, Buffer.concat([Buffer.from([2, 2]), proto.encode(proto.fromObject(order)).finish()])),
        framed(jsonId, Buffer.from(JSON.stringify(order))),
        framed(999_999, Buffer.from('no such schema')),
        Buffer.from('plain text'),
      ];

      const cluster = { broker: 'kafka', bootstrap: kafka.bootstrap, schemaRegistry: { url: registry.url } };
      const config = KafkaClusterConfig.parse(cluster);
      const io = { signal: AbortSignal.timeout(60_000) };
      {
        await using admin = await kafkaDriver.administer('lab', config, io);
        await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 1 }, io);
        await using traffic = await kafkaDriver.traffic('lab', config, io);
        await using producer = await traffic.producer({ acks: 'all' });
        await producer.send({ topic, partition: 0, values }, io);
      }
      const configPath = join(folder.path, 'plimsoll.yaml');
      const service = { messages: { mask: [{ topics: topic, fields: ['card'] }] } };
      await writeFile(configPath, stringify({ clusters: { lab: cluster }, service }));

      const { ask } = asking('--config', configPath);
      const message = async (offset: number) =>
        (await ask('get', 'message', '--topic', topic, '--partition', '0', '--offset', String(offset))).stdout;
      expect(await message(0)).toMatch(
        new RegExp(`schema +AVRO ${avroId}\\nvalue, \\d+ bytes:\\n{"id":4711,"customer":{"card":"•••"}}`),
      );
      expect(await message(1)).toMatch(
        new RegExp(`schema +PROTOBUF ${protoId}\\nvalue, \\d+ bytes:\\n{"id":"4711","customer":{"card":"•••"}}`),
      );
      expect(await message(2)).toMatch(new RegExp(`schema +JSON ${jsonId}\\n`));
      expect(await message(3)).toMatch(
        /schema +999999; shown as bytes: the schema registry .* has no schemas\/ids\/999999/,
      );
      expect(await message(4)).not.toContain('schema ');
      expect((await ask('get', 'messages', '--topic', topic, '--offset', '0')).stdout).toContain('{"id":4711,');

      await using served = await servePlimsoll(['--config', configPath, '--state-dir', join(folder.path, 'state')]);
      const operator = await served.operator();
      await served.until('/clusters/lab/topics', (text) => (text.includes(topic) ? text : undefined));
      const page = async (offset: number) =>
        (await served.get(`/clusters/lab/topics/${topic}/messages?show=0@${offset}`, { headers: operator })).text();
      for (const [offset, type] of ['AVRO', 'PROTOBUF', 'JSON'].entries()) {
        const text = await page(offset);
        expect(text).toContain(`${type} `);
        expect(text).toContain('4711');
        expect(text).toContain('•••');
        expect(text).not.toContain('5105');
      }
      const unknown = await page(3);
      expect(unknown).toContain('Hidden: fields of this topic are masked');
      expect(unknown).toContain('has no schemas/ids/999999');
    },
    300_000,
  );
}
