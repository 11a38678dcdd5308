import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { readClientCounts } from '../../../../../brokers/kafka/internals/client-counts.ts';

const io = { signal: AbortSignal.timeout(10_000) };

async function counted(type: string, body: string) {
  const server = createServer((_, response) => void response.setHeader('Content-Type', type).end(body));
  await using _closed = { [Symbol.asyncDispose]: async () => void server.close() };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return await readClientCounts(`http://127.0.0.1:${port}/agent`, '1', io);
}

/** The response of a 4.3.1 broker with a default client quota; the first bean of each type has no client. */
const jolokia = JSON.stringify([
  {
    status: 200,
    value: {
      'kafka.server:type=Produce': { 'queue-size': 0 },
      'kafka.server:client-id=alone,type=Produce': { 'byte-rate': 79_871.8, 'throttle-time': 0 },
      'kafka.server:client-id="a,b",type=Produce,user=billing': { 'byte-rate': 100, 'throttle-time': 12.5 },
    },
  },
  { status: 404, error: 'no MBean' },
  {
    status: 200,
    value: { 'kafka.server:client-id=alone,type=Request': { 'request-time': 11.5, 'throttle-time': 0 } },
  },
]);

test('bytes and thread time of a client are combined from its quota beans', async () => {
  expect(await counted('application/json', jolokia)).toEqual([
    { broker: '1', clientId: 'alone', producedBytesPerSecond: 79_871.8, threadSeconds: 0.115 },
    { broker: '1', clientId: 'a,b', user: 'billing', producedBytesPerSecond: 100, isThrottled: true },
  ]);
});

test('a page of the JMX exporter is read with and without its usual rules', async () => {
  const ruled = [
    'kafka_server_quota_byte_rate{resource="Produce",user="billing",clientId="alone"} 512.0',
    'kafka_server_quota_byte_rate{resource="Fetch",user="billing",clientId="alone"} 64.0',
    'kafka_server_quota_request_time{resource="Request",user="billing",clientId="alone"} 2.0',
    'kafka_server_quota_throttle_time{resource="Fetch",user="billing",clientId="alone"} 3.0',
  ].join('\n');
  const client = { broker: '1', user: 'billing', clientId: 'alone' };
  const figures = { producedBytesPerSecond: 512, fetchedBytesPerSecond: 64, threadSeconds: 0.02, isThrottled: true };
  expect(await counted('text/plain', ruled)).toEqual([{ ...client, ...figures }]);
  const plain = 'kafka_server_Produce_byte_rate{client_id="alone"} 512.0\nkafka_server_Produce_queue_size 0.0\n';
  expect(await counted('text/plain', plain)).toEqual([{ broker: '1', clientId: 'alone', producedBytesPerSecond: 512 }]);
});

test('a broker without quotas reports no clients, and an idle client is left out', async () => {
  const empty = JSON.stringify([{ status: 404 }, { status: 404 }, { status: 404 }]);
  expect(await counted('application/json', empty)).toEqual([]);
  expect(await counted('text/plain', 'kafka_server_Fetch_byte_rate{client_id="gone"} 0.0\n')).toEqual([]);
});
