import { afterEach, expect, test, vi } from 'vitest';
import type { ProducerOptions } from '../../../../brokers/driver.ts';
import { createProducer } from '../../../../brokers/rocketmq/producer.ts';
import { decodeBatch } from '../../../../brokers/rocketmq/protocol/message-batch.ts';
import type { Frame } from '../../../../brokers/rocketmq/protocol/frame.ts';
import { createRemotingClient, type RemotingOptions } from '../../../../brokers/rocketmq/protocol/remoting-client.ts';
import type { TopicQueue } from '../../../../brokers/rocketmq/topic-queues.ts';
import { type Clock, seconds } from '../../../../core/clock.ts';
import { SecretReference } from '../../../../core/secret.ts';
import { ratio } from '../../../../core/units.ts';
import { answerTo, startRemotingPeer, type OnFrame } from '../../../support/remoting-peer.ts';

afterEach(() => void vi.useRealTimers());

const soon = () => ({ signal: AbortSignal.timeout(10_000) });
const [single, together, endTransaction, heartbeat] = [310, 320, 37, 34];

/** A producer for one or more queues, and the broker behind them. */
async function produce(
  options: Partial<ProducerOptions>,
  onFrame: OnFrame = (frame, say) => say(storedAs(frame)),
  over: Partial<RemotingOptions> = {},
  areWritable = [true],
  more: Partial<TopicQueue> = {},
) {
  await using made = new AsyncDisposableStack();
  const peer = made.use(await startRemotingPeer(onFrame));
  const client = createRemotingClient({ name: 'shop', config: {}, ...over });
  const queue = { topic: 'orders', brokerName: 'a', address: peer.address, isReadable: true };
  const queues = areWritable.map((isWritable, partition): TopicQueue => {
    return { ...queue, partition, queueId: 3 + partition, isWritable, ...more };
  });
  const forgotten: string[] = [];
  const renewed: string[] = [];
  const producer = createProducer(
    client,
    {
      of: async () => queues,
      forget: (topic) => void forgotten.push(topic),
      renew: (topic) => void renewed.push(topic),
    },
    { acks: 'all', requests: 'single', ...options },
  );
  made.use(producer);
  const rest = made.move();
  const acknowledged: number[] = [];
  const onAcknowledged = (from: number, to: number) => {
    for (let index = from; index < to; index++) acknowledged.push(index);
  };
  return {
    peer,
    producer,
    acknowledged,
    forgotten,
    renewed,
    send: (values: readonly string[], more: object = {}, io = soon()) =>
      producer.send(
        { topic: 'orders', partition: 0, values: values.map((value) => Buffer.from(value)), ...more },
        { ...io, onAcknowledged },
      ),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

const storedAs = (frame: Frame) =>
  answerTo(frame, { fields: { msgId: '7F0000010000591B00000000000000B5', queueId: '3', queueOffset: '42' } });

const pairsIn = (properties = '') =>
  Object.fromEntries(
    properties
      .split('\u0002')
      .filter((pair) => pair !== '')
      .map((pair) => pair.split('\u0001')),
  ) as Record<string, string>;

test('sends one request per value, with all fields that brokers need', async () => {
  await using subject = await produce({});
  const keys = [Buffer.from('k1'), undefined];
  await subject.send(['one', 'two'], { keys, tag: 'blue', delay: { level: 2 } });
  const [first, second] = subject.peer.received;
  expect(subject.peer.received.map(({ code, body, isOneWay }) => [code, body.toString(), isOneWay])).toEqual([
    [single, 'one', false],
    [single, 'two', false],
  ]);
  const { i, g, ...fixed } = first?.fields ?? {};
  const numbers = { d: '1', e: '3', f: '0', h: '0', j: '0', k: 'false', m: 'false' };
  expect(fixed).toEqual({ a: 'plimsoll', b: 'orders', c: 'orders', ...numbers });
  expect(Math.abs(Number(g) - Date.now())).toBeLessThan(10_000);
  const { UNIQ_KEY: firstKey, ...pairs } = pairsIn(i);
  expect(pairs).toEqual({ KEYS: 'k1', TAGS: 'blue', DELAY: '2' });
  const { UNIQ_KEY: secondKey, ...others } = pairsIn(second?.fields['i']);
  expect(others).toEqual({ TAGS: 'blue', DELAY: '2' });
  expect(firstKey).toMatch(/^[\dA-F]{32}$/);
  expect(secondKey).not.toBe(firstKey);
  expect(subject.acknowledged).toEqual([0, 1]);
});

test('sends an empty value in a batch of one, and all values in one batch if configured', async () => {
  await using alone = await produce({ acks: 'leader' });
  await alone.send(['one', '']);
  expect(alone.peer.received.map(({ code }) => code)).toEqual([single, together]);
  await using subject = await produce({ acks: 'leader', requests: 'batch' });
  await subject.send(['one', '', 'three'], { tag: 'blue' });
  const [batch] = subject.peer.received;
  expect(batch).toMatchObject({ code: together, fields: { m: 'true', i: 'WAIT\u0001false\u0002' } });
  const items = decodeBatch(batch?.body ?? Buffer.alloc(0));
  expect(items.map(({ body }) => body.toString())).toEqual(['one', '', 'three']);
  expect(items.map(({ properties }) => pairsIn(properties)['TAGS'])).toEqual(['blue', 'blue', 'blue']);
  expect(subject.acknowledged).toEqual([0, 1, 2]);
});

test('an unlisted broker that does not answer gets no more messages, so that their outcome is certain', async () => {
  const stops: OnFrame = (frame, say, socket) => {
    if (frame.body.toString() === 'one') say(storedAs(frame));
    else socket.end();
  };
  await using subject = await produce({}, stops, {}, [true], { unlistedAt: 0 });
  await expect(subject.send(['one', 'two'])).rejects.toMatchObject({ code: 'broker-unreachable' });
  await expect(subject.send(['three'])).rejects.toMatchObject({ code: 'broker-refused' });
});

test('queues that are not writable are known before the first send', async () => {
  await using subject = await produce({}, undefined, {}, [false, true]);
  expect(subject.producer.partitions?.('orders')).toBe(undefined);
  await subject.producer.prepare?.(['orders'], soon());
  expect(subject.producer.partitions?.('orders')).toEqual([1]);
});

test('signs send requests like all others', async () => {
  vi.stubEnv('PLIMSOLL_TEST_SECRET_KEY', '12345678');
  const secretKey = new SecretReference('env', 'PLIMSOLL_TEST_SECRET_KEY');
  const config = { credentials: { accessKey: 'RocketMQ', secretKey } };
  await using subject = await produce({}, undefined, { config });
  await subject.send(['one', 'two']);
  expect(subject.peer.received.map(({ body }) => body.toString())).toEqual(['one', 'two']);
  for (const { fields } of subject.peer.received) {
    expect(fields).toMatchObject({ b: 'orders', AccessKey: 'RocketMQ', Signature: expect.stringMatching(/=$/) });
  }
});

test('in ordered mode one request per queue is in flight, across several sends', async () => {
  const held: (() => void)[] = [];
  await using subject = await produce({ ordered: true }, (frame, say) => void held.push(() => say(storedAs(frame))));
  const sending = Promise.all([subject.send(['one', 'two']), subject.send(['three'])]);
  for (let answered = 0; answered < 3; answered++) {
    await vi.waitFor(() => expect(held).toHaveLength(answered + 1));
    held[answered]?.();
  }
  await sending;
  expect(subject.peer.received.map(({ body }) => body.toString())).toEqual(['one', 'two', 'three']);
});

test("rejects with the broker's error about one message after the others were answered", async () => {
  await using subject = await produce({}, (frame, say) =>
    say(frame.body.toString() === 'two' ? answerTo(frame, { code: 2, remark: '[OVERLOAD]full' }) : storedAs(frame)),
  );
  await expect(subject.send(['one', 'two', 'three'])).rejects.toMatchObject({
    code: 'broker-busy',
    message: expect.stringContaining(`cannot send to orders-0 on ${subject.peer.address}`),
  });
  expect(subject.acknowledged).toEqual([0, 2]);
});

test.each([
  ['[REJECTREQUEST]system busy, start flow control for a while', ['orders']],
  ['[OVERLOAD]full', []],
])('keeps the route after %s, and reads it again if the master may have become a slave', async (remark, renewed) => {
  await using subject = await produce({}, (frame, say) => say(answerTo(frame, { code: 2, remark })));
  await expect(subject.send(['one'])).rejects.toMatchObject({ code: 'broker-busy' });
  expect([subject.forgotten, subject.renewed]).toEqual([[], renewed]);
});

test.each([
  ['sent', {}],
  ['sent in transactions', { transactions: { id: 'shop-tx', duration: seconds(1) } }],
])('if several messages fail when %s, the error of one that may be stored is reported', async (_, options) => {
  const remarks: Record<string, string> = {
    one: '[OVERLOAD]full',
    two: '[PC_SYNCHRONIZED]late',
    three: '[OVERLOAD]full',
  };
  await using subject = await produce(options, (frame, say) => {
    const remark = remarks[frame.body.toString()];
    say(remark === undefined ? answerTo(frame) : answerTo(frame, { code: 2, remark }));
  });
  await expect(subject.send(['one', 'two', 'three'])).rejects.toThrow('[PC_SYNCHRONIZED]');
});

test('a message stored with less replication than requested is an error with acks all', async () => {
  const lessSafely: OnFrame = (frame, say) => say({ ...storedAs(frame), code: 12 });
  await using all = await produce({}, lessSafely);
  await expect(all.send(['one'])).rejects.toThrow('FLUSH_SLAVE_TIMEOUT');
  await using leader = await produce({ acks: 'leader' }, lessSafely);
  await leader.send(['one']);
  expect(leader.acknowledged).toEqual([0]);
});

test('a broken connection fails the messages without a response', async () => {
  await using subject = await produce({}, (frame, say, socket) => {
    if (frame.body.toString() === 'one') say(storedAs(frame));
    else socket.end();
  });
  await expect(subject.send(['one', 'two'])).rejects.toMatchObject({ code: 'broker-unreachable' });
  expect(subject.acknowledged).toEqual([0]);
});

test('aborting the signal ends the wait, and a late response is dropped', async () => {
  const late: (() => void)[] = [];
  await using subject = await produce({}, (frame, say) => {
    if (frame.body.toString() === 'late') late.push(() => say(storedAs(frame)));
    else {
      for (const go of late) go();
      say(storedAs(frame));
    }
  });
  const caller = new AbortController();
  const sending = subject.send(['late'], {}, { signal: caller.signal });
  await vi.waitFor(() => expect(late).toHaveLength(1));
  caller.abort(new Error('enough'));
  await expect(sending).rejects.toThrow('enough');
  await subject.send(['again']);
  expect(subject.acknowledged).toEqual([0]);
});

test('a broker that does not respond is given up with an error', async () => {
  let at = 0;
  const clock: Clock = { now: () => new Date(), monotonic: () => seconds(at), sleep: async () => {} };
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using subject = await produce({}, () => {}, { clock });
  const sending = subject.send(['one']);
  sending.catch(() => {});
  await vi.waitFor(() => expect(subject.peer.received).toHaveLength(1));
  at = 11;
  vi.advanceTimersByTime(500);
  await expect(sending).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: `cannot send to orders-0 on ${subject.peer.address}: no answer within 10 s`,
  });
});

const transactions = { id: 'shop-tx', duration: seconds(1) };

test.each<[string, Partial<ProducerOptions>]>([
  ['cannot distinguish a resent message', { idempotent: true }],
  ['not batches', { compression: 'zstd', requests: 'batch' }],
  ['separate transaction', { transactions, requests: 'batch' }],
  ['ends with the response', { transactions, acks: 'none' }],
])('refuses an option that RocketMQ does not support: %s', async (words, options) => {
  await expect(produce(options)).rejects.toMatchObject({
    code: 'unsupported-broker',
    message: expect.stringContaining(words),
  });
});

test('refuses a delay in a batch or transaction, and a key that would become another property', async () => {
  await using batch = await produce({ requests: 'batch' });
  await expect(batch.send(['one'], { delay: { level: 1 } })).rejects.toThrow('cannot delay batches');
  await using transactional = await produce({ transactions });
  await expect(transactional.send(['one'], { delay: { level: 1 } })).rejects.toThrow(
    'cannot delay messages of a transaction',
  );
  await using subject = await produce({});
  await expect(subject.send(['one'], { keys: [Buffer.from('a\u0002b')] })).rejects.toThrow('separator');
  await expect(subject.send(['one'], { keys: [Buffer.alloc(32_767, 'x')] })).rejects.toThrow('32767 at most');
  expect(subject.peer.received).toEqual([]);
});

test('sends the half message of each transaction and commits it on the broker that stored it', async () => {
  await using subject = await produce({ transactions });
  await subject.send(['one'], { tag: 'blue' });
  const [seat, half, end] = subject.peer.received;
  expect(seat?.code).toBe(heartbeat);
  expect(JSON.parse(String(seat?.body))).toMatchObject({ producerDataSet: [{ groupName: 'shop-tx' }] });
  expect(half).toMatchObject({ code: single, fields: { a: 'shop-tx', f: '4' } });
  const { UNIQ_KEY: transactionId, ...pairs } = pairsIn(half?.fields['i']);
  expect(pairs).toEqual({ TAGS: 'blue', TRAN_MSG: 'true', PGROUP: 'shop-tx' });
  const place = { tranStateTableOffset: '42', commitLogOffset: '181' };
  const named = { producerGroup: 'shop-tx', topic: 'orders', transactionId, msgId: transactionId };
  expect(end?.fields).toEqual({ ...named, ...place, commitOrRollback: '8', fromTransactionCheck: 'false' });
  expect(subject.acknowledged).toEqual([0]);
});

test('resends the end of a transaction to a broker that was too busy', async () => {
  let isBusy = true;
  await using subject = await produce({ transactions }, (frame, say) => {
    if (frame.code !== endTransaction || !isBusy) return say(frame.code === single ? storedAs(frame) : answerTo(frame));
    isBusy = false;
    say({ ...answerTo(frame), code: 2, remark: '[TIMEOUT_CLEAN_QUEUE]broker busy' });
  });
  await subject.send(['one']);
  const words = subject.peer.received.filter(({ code }) => code === endTransaction);
  expect(words).toHaveLength(2);
  expect(words[1]?.fields).toEqual(words[0]?.fields);
  expect(subject.acknowledged).toEqual([0]);
});

test('answers a transaction check with commit for an open transaction and rollback for an unknown one', async () => {
  const left = Promise.withResolvers<string>();
  let check: (transactionId: string) => void = () => {};
  await using subject = await produce({ transactions: { ...transactions, leftToCheck: ratio(0.5) } }, (frame, say) => {
    check = (transactionId) => {
      const fields = { transactionId, msgId: transactionId, tranStateTableOffset: '50', commitLogOffset: '900' };
      say({ code: 39, opaque: 1, isResponse: false, isOneWay: true, fields, body: Buffer.alloc(0) });
    };
    if (frame.code === single && frame.body.toString() === 'two') {
      left.resolve(pairsIn(frame.fields['i'])['UNIQ_KEY'] ?? '');
    }
    say(frame.code === single ? storedAs(frame) : answerTo(frame));
  });
  const ends = () => subject.peer.received.filter(({ code }) => code === endTransaction).map(({ fields }) => fields);
  const sending = subject.send(['one', 'two']);
  const transactionId = await left.promise;
  await vi.waitFor(() => expect(subject.acknowledged).toEqual([0]));
  expect(ends()).toHaveLength(1);
  check('of another life');
  check(transactionId);
  await sending;
  const checkedBack = { fromTransactionCheck: 'true', tranStateTableOffset: '50', commitLogOffset: '900' };
  expect(ends().slice(1)).toMatchObject([
    { ...checkedBack, transactionId: 'of another life', commitOrRollback: '12' },
    { ...checkedBack, transactionId, commitOrRollback: '8' },
  ]);
  expect(subject.acknowledged).toEqual([0, 1]);
});
