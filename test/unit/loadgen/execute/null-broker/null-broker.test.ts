import { connect } from 'node:net';
import { once } from 'node:events';
import { afterAll, describe, expect, test } from 'vitest';
import type { ProducerOptions, TrafficDriver } from '../../../../../brokers/driver.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { drivers } from '../../../../../brokers/registry.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import {
  HeldBytes,
  loopback,
  serveFrames,
  type FramedServer,
} from '../../../../../loadgen/execute/null-broker/framed-server.ts';
import { createNullKafka } from '../../../../../loadgen/execute/null-broker/kafka.ts';
import { createNullRocketmq } from '../../../../../loadgen/execute/null-broker/rocketmq.ts';

const partitions = 3;
const values = Array.from({ length: 10 }, (_, index) => Buffer.alloc(100, index));
const io = { signal: new AbortController().signal };

const servers: FramedServer[] = [];
afterAll(() => servers.forEach((server) => server.close()));

/** Frames with the last value that the brokers took. */
let taken = 0;

async function start(create: typeof createNullKafka): Promise<string> {
  const address = (): [string, number] => [loopback, server.port];
  const answer = create({ partitions, address });
  const server = await serveFrames((frame) => {
    const said = answer(frame);
    if (said !== 'unspoken' && frame.includes(values.at(-1) ?? '')) taken += 1;
    return said;
  }, 1024 * 1024);
  servers.push(server);
  return `${loopback}:${server.port}`;
}

async function sendEverywhere(traffic: TrafficDriver, options: ProducerOptions): Promise<void> {
  const before = taken;
  await using producer = await traffic.producer(options);
  for (let partition = 0; partition < partitions; partition++) {
    await producer.send({ topic: 'orders', partition, values }, io);
  }
  // Without acks a send succeeds even if the broker hangs up.
  if (options.acks === 'none') await expect.poll(() => taken - before).toBe(partitions);
}

describe('a null Kafka broker', () => {
  const config = async (client: string) =>
    KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [await start(createNullKafka)], client });

  test.each([
    ['auto', { acks: 'leader' }],
    ['auto', { acks: 'all', compression: 'gzip' }],
    ['auto', { acks: 'all', idempotent: true }],
    ['auto', { acks: 'none' }],
    ['kafkajs', { acks: 'all' }],
    ['kafkajs', { acks: 'none' }],
  ] as const)('accepts sends of the %s client with %o', async (client, options) => {
    await using traffic = await drivers.kafka.traffic('null', await config(client), io);
    await sendEverywhere(traffic, options);
  });

  test('has no more partitions than it was started with', async () => {
    await using traffic = await drivers.kafka.traffic('null', await config('auto'), io);
    await using producer = await traffic.producer({ acks: 'all' });
    await expect(producer.send({ topic: 'orders', partition: partitions, values }, io)).rejects.toThrow(
      /partition 3|orders-3/,
    );
  });
});

describe('a null RocketMQ broker', () => {
  const traffic = async () =>
    drivers.rocketmq.traffic(
      'null',
      RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [await start(createNullRocketmq)] }),
      io,
    );

  test.each([
    { acks: 'all', requests: 'single' },
    { acks: 'leader', requests: 'batch' },
    { acks: 'none', requests: 'single' },
    { acks: 'all', requests: 'single', ordered: true },
    { acks: 'all', requests: 'single', compression: 'gzip' },
  ] as const)('accepts sends with %o', async (options) => {
    await using driver = await traffic();
    await sendEverywhere(driver, options);
  });
});

describe('invalid input to a null broker', () => {
  test.each([
    ['an HTTP request', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['a frame of less than a header', Buffer.from([0, 0, 0, 2, 0, 0])],
    ['a request that is not spoken', Buffer.from([0, 0, 0, 10, 0, 99, 0, 0, 0, 0, 0, 1, 255, 255])],
    ['more topics than bytes', Buffer.from([0, 0, 0, 14, 0, 3, 0, 6, 0, 0, 0, 1, 255, 255, 127, 0, 0, 0])],
  ])('closes the connection after %s', async (_, bytes) => {
    const [host, port] = (await start(createNullKafka)).split(':');
    const socket = connect(Number(port), host);
    socket.write(bytes);
    await once(socket.resume(), 'close');
  });
});

test('frames are the same no matter how they are split into chunks', () => {
  const bytes = Buffer.concat([[1, 2, 3], [], [4], Array.from({ length: 300 }, () => 5)].map((body) => framed(body)));
  const whole = new HeldBytes(1000).push(bytes);
  for (const size of [1, 2, 3, 5, 7, 100]) {
    const held = new HeldBytes(1000);
    const frames: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += size) frames.push(...held.push(bytes.subarray(at, at + size)));
    expect(frames).toEqual(whole);
  }
  expect(whole.map(({ length }) => length)).toEqual([3, 0, 1, 300]);
});

test('a frame above the limit is refused when its length arrives', () => {
  expect(() => new HeldBytes(1000).push(Buffer.from([0, 0, 4, 0]))).toThrow('1024 bytes');
});

function framed(body: readonly number[]): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, Buffer.from(body)]);
}
