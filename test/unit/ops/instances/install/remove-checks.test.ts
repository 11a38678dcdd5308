import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { DesiredInstance } from '../../../../../core/documents/instances.ts';
import { dataFindings } from '../../../../../ops/instances/install/remove-checks.ts';
import { kafkaGate } from '../../../../../ops/instances/kafka-gate.ts';
import { instanceToolsWith } from '../../../../support/instance-tools.ts';

const storing = (host: string, ...directories: string[]) =>
  DesiredInstance.parse({ cluster: 'orders', host, role: 'kafka-broker', directories });
const target = storing('mq-1', '/data-of-no-broker/kafka');

/** A folder of the instance besides its data, such as that of its logs. */
const logging = (folder: string, of: DesiredInstance): DesiredInstance =>
  DesiredInstance.parse({ ...of, install: { distribution: 'kafka-4.1.0', home: '/opt/kafka', folders: [folder] } });

async function messages(others: Record<string, DesiredInstance>, removed = target): Promise<string[]> {
  const tools = instanceToolsWith({
    gate: kafkaGate('orders', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    all: { 'orders-1': removed, ...others },
  });
  const named = { name: 'orders-1', target: removed };
  const found = await dataFindings(named, tools, { signal: new AbortController().signal });
  return found.map(({ severity, message }) => `${severity}: ${message}`);
}

test('refuses to delete data if another instance of the host stores in the same directory or below', async () => {
  for (const directory of ['/data-of-no-broker/kafka', '/data-of-no-broker/kafka/second']) {
    expect(await messages({ 'orders-2': storing('mq-1', directory) })).toEqual([
      `critical: orders-2 stores in ${directory} on host mq-1: removing orders-1 with --data would delete the data of orders-2 as well`,
    ]);
  }
});

test('data of other directories or of another host does not block the removal', async () => {
  const others = {
    'orders-2': storing('mq-1', '/data-of-no-broker/kafka-2', '/data-of-no-broker'),
    'orders-3': storing('mq-2', '/data-of-no-broker/kafka'),
  };
  expect(await messages(others)).toEqual([]);
});

test('compares the additional folders of both instances, too', async () => {
  const folder = '/logs-of-no-broker';
  const other = storing('mq-1', `${folder}/kafka-2`);
  expect(await messages({ 'orders-2': other }, logging(folder, target))).toEqual([
    `critical: orders-2 stores in ${folder}/kafka-2 on host mq-1: removing orders-1 with --data would delete the data of orders-2 as well`,
  ]);
  const below = logging('/data-of-no-broker/kafka/logs', storing('mq-1', '/data-of-no-broker/kafka-2'));
  expect(await messages({ 'orders-2': below })).toHaveLength(1);
});
