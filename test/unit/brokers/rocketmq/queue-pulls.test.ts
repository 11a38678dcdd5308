import { expect, test, vi } from 'vitest';
import type { ConsumerOptions, OnBatch } from '../../../../brokers/driver.ts';
import type { RemotingClient, Request, Response } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { createQueuePulls } from '../../../../brokers/rocketmq/queue-pulls.ts';

const queue = {
  topic: 'orders',
  partition: 1,
  brokerName: 'a',
  queueId: 3,
  address: '10.0.0.1:10911',
  isWritable: true,
  isReadable: true,
};

const nothingBefore = (next: bigint): Response => ({
  code: 19,
  fields: { nextBeginOffset: String(next) },
  body: Buffer.alloc(0),
});

/** One message at offset 0 with a body and a key, as brokers of 4.x store it. */
function found(body: string, key: string): Response {
  const [topic, properties] = [Buffer.from('orders'), Buffer.from(`KEYS\u0001${key}\u0002`)];
  const message = Buffer.alloc(88 + 1 + 2 + Buffer.byteLength(body) + topic.length + properties.length);
  message.writeInt32BE(message.length, 0);
  message.writeUInt32BE(0xdaa320a7, 4);
  let at = 84;
  at = message.writeInt32BE(Buffer.byteLength(body), at);
  at += message.write(body, at);
  at = message.writeInt8(topic.length, at);
  at += topic.copy(message, at);
  at = message.writeInt16BE(properties.length, at);
  properties.copy(message, at);
  return { code: 0, fields: { nextBeginOffset: '1' }, body: message };
}

/** Reads the queue from offset 0; the broker sends these responses and then holds the pull. */
function readFrom(answers: readonly Response[], options: Partial<ConsumerOptions>, onBatch: OnBatch = () => {}) {
  const asked: Request[] = [];
  const held = Promise.withResolvers<Response>();
  const client: RemotingClient = {
    async ask(_, request) {
      const answer = answers[asked.push(request) - 1];
      return answer ?? held.promise;
    },
    onRequest: () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
  const failures: unknown[] = [];
  const readings = createQueuePulls({
    client,
    options: { group: 'billing', topic: 'orders', ...options },
    onBatch,
    onFault: () => {},
    onFailure: (cause) => failures.push(cause),
    signal: new AbortController().signal,
  });
  return { readings, asked, failures, held };
}

test.each<[Partial<ConsumerOptions>, object]>([
  [{}, { sysFlag: '6', commitOffset: '0', suspendTimeoutMillis: '1000' }],
  [{ commits: 'each-batch' }, { sysFlag: '7', commitOffset: '1', suspendTimeoutMillis: '1000' }],
  [
    { commits: 'never', mode: 'pull' },
    { sysFlag: '4', commitOffset: '0', suspendTimeoutMillis: '0' },
  ],
])('the pull request has the flags for the options %j', async (options, fields) => {
  const { readings, asked } = readFrom([found('one', 'k')], options);
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]?.fields).toMatchObject({ queueOffset: '1', ...fields });
  await readings.stop(readings.all());
});

test('in pull mode an empty response is followed by another request after a while', async () => {
  const { readings, asked } = readFrom([nothingBefore(0n)], { mode: 'pull' });
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  await readings.stop(readings.all());
});

test('delivers values with their offsets, and with keys if configured', async () => {
  for (const withKeys of [false, true]) {
    const onBatch = vi.fn<OnBatch>();
    const { readings, asked } = readFrom([found('one', 'k')], { withKeys }, onBatch);
    await readings.begin(queue, async () => 0n);
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    const batch = { topic: 'orders', partition: 1, values: [Buffer.from('one')], offsets: [0] };
    expect(onBatch.mock.calls).toEqual([[withKeys ? { ...batch, keys: [Buffer.from('k')] } : batch]]);
    await readings.stop(readings.all());
  }
});

test('requests nothing more and keeps its position until the callback has finished', async () => {
  const taken = Promise.withResolvers<void>();
  const onBatch = vi.fn<OnBatch>(() => taken.promise);
  const { readings, asked } = readFrom([found('one', 'k')], {}, onBatch);
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(onBatch).toHaveBeenCalled());
  expect(readings.all()[0]?.position).toBe(0n);
  const [reading] = readings.all();
  const stopping = readings.stop(readings.all());
  taken.resolve();
  await stopping;
  expect([asked.length, reading?.position]).toEqual([1, 1n]);
});

test('a stopped pull is released when its broker responds', async () => {
  const { readings, asked, held } = readFrom([], {});
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(asked).toHaveLength(1));
  await readings.stop(readings.all());
  const released = vi.fn<() => void>();
  const releasing = readings.released().then(released);
  await new Promise(setImmediate);
  expect(released).not.toHaveBeenCalled();
  held.resolve(nothingBefore(0n));
  await releasing;
  expect(asked).toHaveLength(1);
});

test('a failed callback ends the reading', async () => {
  const { readings, failures } = readFrom([found('one', 'k')], {}, () => Promise.reject(new Error('full')));
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(failures).toEqual([new Error('full')]));
});

test('moves to the offset that its broker names, and counts this', async () => {
  const elsewhere: Response = { code: 21, fields: { nextBeginOffset: '10' }, body: Buffer.alloc(0) };
  const { readings, asked } = readFrom([elsewhere], {});
  await readings.begin(queue, async () => 100n);
  await vi.waitFor(() => expect(asked).toHaveLength(2));
  expect(asked[1]?.fields).toMatchObject({ queueOffset: '10' });
  expect(readings.all()).toMatchObject([{ position: 10n, sentElsewhere: 1 }]);
  await readings.stop(readings.all());
});

test('a queue removed from its topic is not a failure', async () => {
  const answer = {
    code: 29,
    fields: {},
    body: Buffer.alloc(0),
    remark: 'queueId[3] is illegal, topic:[orders] topicConfig.readQueueNums:[2]',
  };
  const { readings, asked, failures } = readFrom([answer, nothingBefore(0n)], {});
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(1), { timeout: 5000 });
  expect(failures).toEqual([]);
  await readings.stop(readings.all());
});

test('any other refusal ends the reading', async () => {
  const answer = { code: 26, fields: {}, body: Buffer.alloc(0), remark: 'subscription group [billing] does not exist' };
  const { readings, failures } = readFrom([answer], {});
  await readings.begin(queue, async () => 0n);
  await vi.waitFor(() => expect(failures).toHaveLength(1));
});
