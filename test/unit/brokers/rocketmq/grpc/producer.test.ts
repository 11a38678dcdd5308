import { expect, test } from 'vitest';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { createProxyClient } from '../../../../../brokers/rocketmq/grpc/proxy-client.ts';
import { createProxyProducer } from '../../../../../brokers/rocketmq/grpc/producer.ts';
import { createSession } from '../../../../../brokers/rocketmq/grpc/session.ts';
import { startFakeProxy } from '../../../../support/fake-proxy.ts';

const io = () => ({ signal: AbortSignal.timeout(5000) });
const batch = (topic: string, ...texts: string[]) => ({
  topic,
  partition: 0,
  values: texts.map((text) => Buffer.from(text)),
});

function clientOf(address: string) {
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'], proxy: { address } });
  if (config.proxy === undefined) throw new Error('no proxy');
  return createProxyClient('shop', config, config.proxy);
}
const producerOf = (address: string) => createProxyProducer(clientOf(address), { acks: 'all', requests: 'single' });

test('a topic is looked up and announced once, each message is a request, and closing ends the client', async () => {
  await using proxy = await startFakeProxy();
  const producer = producerOf(proxy.address);
  await producer.send(batch('orders', 'a', 'b'), io());
  await producer.send(batch('orders', 'c'), io());
  await producer.send(batch('bills', 'd'), io());
  await producer[Symbol.asyncDispose]();
  expect(proxy.requests).toEqual([
    'QueryRoute orders',
    'Telemetry orders',
    'SendMessage a',
    'SendMessage b',
    'SendMessage c',
    'QueryRoute bills',
    'Telemetry orders,bills',
    'SendMessage d',
    'NotifyClientTermination',
  ]);
});

test('a refused message fails alone, with the reason', async () => {
  const busy = { code: 42_900, message: 'flow limit' };
  await using proxy = await startFakeProxy({ statusOf: (body) => (body === 'b' ? busy : undefined) });
  await using producer = producerOf(proxy.address);
  const acknowledged: number[] = [];
  const sending = producer.send(batch('orders', 'a', 'b', 'c'), {
    ...io(),
    onAcknowledged: (from) => acknowledged.push(from),
  });
  await expect(sending).rejects.toMatchObject({
    code: 'broker-busy',
    message: expect.stringContaining('flow limit') as unknown,
  });
  expect(acknowledged.toSorted((a, b) => a - b)).toEqual([0, 2]);
});

test('if several messages fail, the error of one that may be stored is reported', async () => {
  const statuses = { a: { code: 42_900, message: 'flow limit' }, b: { code: 50_001, message: 'lost' } };
  await using proxy = await startFakeProxy({ statusOf: (body) => statuses[body as keyof typeof statuses] });
  await using producer = producerOf(proxy.address);
  await expect(producer.send(batch('orders', 'a', 'b', 'c'), io())).rejects.toThrow('INTERNAL_SERVER_ERROR');
});

test('nothing is sent to a topic that accepts only other message types', async () => {
  await using proxy = await startFakeProxy({ accepts: [2] });
  await using producer = producerOf(proxy.address);
  await expect(producer.send(batch('orders', 'a'), io())).rejects.toThrow(
    /^cannot send to orders: .* accepts FIFO messages only$/,
  );
  expect(proxy.requests.filter((request) => request.startsWith('SendMessage'))).toEqual([]);
});

test('a client that a proxy forgot announces itself again', async () => {
  await using proxy = await startFakeProxy();
  using client = clientOf(proxy.address);
  await using session = createSession(client);
  await session.announce({ kind: 'producer', topics: ['orders'] }, io());
  await session.renew(io());
  proxy.hangUp();
  await expect.poll(async () => session.renew(io()).then(() => proxy.requests.at(-2))).toBe('Telemetry orders');
  expect(proxy.requests.at(-1)).toBe('Heartbeat');
});

test('an aborted send fails with the reason of its signal', async () => {
  await using proxy = await startFakeProxy();
  await using producer = producerOf(proxy.address);
  const reason = new Error('over');
  await expect(producer.send(batch('orders', 'a'), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});
