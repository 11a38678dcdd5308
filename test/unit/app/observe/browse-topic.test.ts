import { expect, test } from 'vitest';
import { browseTopic, followTopic, type BrowseRequest } from '../../../../app/observe/browse-topic.ts';
import { matches } from '../../../../app/observe/message-filter.ts';
import { AppError } from '../../../../core/errors.ts';
import type { ClusterLookup, FoundMessage, StoredQuestion } from '../../../../brokers/lookup.ts';

const io = { signal: new AbortController().signal };

const message = (partition: number, offset: number, over: Partial<FoundMessage> = {}): FoundMessage => ({
  topic: 'orders',
  partition,
  offset: BigInt(offset),
  storedAtMs: 1000 * offset + partition,
  value: Buffer.from(`value ${partition}-${offset}`),
  properties: [],
  facts: {},
  ...over,
});

/** Returns at most `page` messages per read, like a broker that limits the bytes of a response. */
function logOf(partitions: readonly FoundMessage[][], page = 3) {
  const questions: StoredQuestion[] = [];
  const lookup: Pick<ClusterLookup, 'partitions' | 'stored'> = {
    partitions: async (topic) => partitions.map((_, partition) => ({ topic, partition })),
    async stored(question) {
      questions.push(question);
      const { partition, from, most } = question;
      const all = partitions[partition] ?? [];
      const first =
        from.kind === 'offset'
          ? all.findIndex(({ offset }) => offset >= from.offset)
          : from.kind === 'newest'
            ? Math.max(0, all.length - most)
            : all.findIndex(({ storedAtMs = 0 }) => storedAtMs >= from.atMs);
      const messages = first < 0 ? [] : all.slice(first, first + Math.min(most, page));
      const next = first < 0 ? all.length : first + messages.length;
      return { messages, start: 0n, next: BigInt(next), end: BigInt(all.length) };
    },
  };
  return { lookup, questions };
}

const twoPartitions = [0, 1].map((partition) => Array.from({ length: 10 }, (_, offset) => message(partition, offset)));
const request = (over: Partial<BrowseRequest>): BrowseRequest => ({
  topic: 'orders',
  from: { kind: 'newest' },
  filter: {},
  most: 4,
  mostRead: 100,
  ...over,
});
const places = (messages: readonly FoundMessage[]) => messages.map(({ partition, offset }) => `${partition}-${offset}`);

test('merges the newest messages of all partitions by time, newest first', async () => {
  const { messages, isCut } = await browseTopic(logOf(twoPartitions).lookup, request({}), io);
  expect(places(messages)).toEqual(['1-9', '0-9', '1-8', '0-8']);
  expect(isCut).toBe(false);
});

test('without a filter, reads only as many messages as could be shown', async () => {
  const { read } = await browseTopic(logOf(twoPartitions).lookup, request({ most: 2 }), io);
  expect(read).toBe(4);
});

test('returns messages since a time oldest first, over several fetches', async () => {
  const { lookup } = logOf(twoPartitions);
  const { messages } = await browseTopic(lookup, request({ from: { kind: 'time', atMs: 4000 }, most: 5 }), io);
  expect(places(messages)).toEqual(['0-4', '1-4', '0-5', '1-5', '0-6']);
});

test('leaves out a message stamped before the time although it is stored behind one that matches', async () => {
  const log = [message(0, 0), message(0, 5), message(0, 1), message(0, 6), message(0, 2)].map((each, offset) => ({
    ...each,
    offset: BigInt(offset),
  }));
  const { messages } = await browseTopic(logOf([log]).lookup, request({ from: { kind: 'time', atMs: 4000 } }), io);
  expect(places(messages)).toEqual(['0-1', '0-3']);
});

test('a filter reads until it has enough messages, and reports that more are unread', async () => {
  const { lookup } = logOf(twoPartitions);
  const filter = { text: '1-7' };
  const from = { kind: 'offset', offset: 0n } as const;
  expect(await browseTopic(lookup, request({ filter, from }), io)).toMatchObject({ read: 20, isCut: false });
  const short = await browseTopic(lookup, request({ filter, from, mostRead: 10 }), io);
  expect(short).toMatchObject({ messages: [], read: 10, isCut: true });
});

test('a search among the newest messages reports that older ones are unread', async () => {
  const { lookup } = logOf(twoPartitions);
  const filter = { text: '0-1' };
  const short = await browseTopic(lookup, request({ filter, mostRead: 10 }), io);
  expect(short).toMatchObject({ messages: [], read: 10, isCut: true });
  const whole = await browseTopic(lookup, request({ filter }), io);
  expect(whole).toMatchObject({ messages: [{ offset: 1n }], read: 20, isCut: false });
});

test('reports that fewer messages than requested were found because of compaction gaps', async () => {
  const { lookup } = logOf(twoPartitions, 100);
  const compacted: typeof lookup = {
    ...lookup,
    async stored(question, within) {
      const part = await lookup.stored(question, within);
      return { ...part, messages: part.messages.filter(({ offset }) => offset % 4n === 0n) };
    },
  };
  const { messages, isCut } = await browseTopic(compacted, request({}), io);
  expect(places(messages)).toEqual(['1-8', '0-8']);
  expect(isCut).toBe(true);
});

test('rejects an unknown partition and lists the existing ones', async () => {
  const browsed = browseTopic(logOf(twoPartitions).lookup, request({ partition: { partition: 7 } }), io);
  await expect(browsed).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('it has 0, 1') });
});

test('following shows each message stored from now on once', async () => {
  const log = twoPartitions.map((each) => [...each]);
  const { lookup } = logOf(log);
  let pauses = 0;
  const clock = {
    async sleep() {
      if (pauses++ > 2) throw new Error('stopped');
      log[1]?.push(message(1, 9 + pauses));
    },
  };
  const seen: FoundMessage[] = [];
  const following = async () => {
    for await (const each of followTopic(lookup, request({}), { ...io, clock })) seen.push(each);
  };
  await expect(following()).rejects.toThrow('stopped');
  expect(places(seen)).toEqual(['1-10', '1-11', '1-12']);
});

test('following shows all messages of one pause, even more than a search would return', async () => {
  const log = twoPartitions.map((each) => [...each]);
  const { lookup } = logOf(log);
  const stored = Array.from({ length: 10 }, (_, index) => message(1, 10 + index));
  let pauses = 0;
  const clock = {
    async sleep() {
      if (pauses++ > 2) throw new Error('stopped');
      if (pauses === 1) log[1]?.push(...stored);
    },
  };
  const seen: FoundMessage[] = [];
  const following = async () => {
    for await (const each of followTopic(lookup, request({ most: 4 }), { ...io, clock })) seen.push(each);
  };
  await expect(following()).rejects.toThrow('stopped');
  expect(places(seen)).toEqual(places(stored));
});

/** Partition 0 cannot be read, as without a leader, while `isDown()`. */
function withoutLeader(lookup: ReturnType<typeof logOf>['lookup'], isDown = () => true): typeof lookup {
  return {
    ...lookup,
    async stored(question, within) {
      if (question.partition === 0 && isDown()) throw new AppError('broker-unreachable', 'orders-0 has no leader now');
      return lookup.stored(question, within);
    },
  };
}

test('a partition that cannot be read does not hide messages of others', async () => {
  const lookup = withoutLeader(logOf(twoPartitions).lookup);
  const { messages, notices } = await browseTopic(lookup, request({ most: 2 }), io);
  expect(places(messages)).toEqual(['1-9', '1-8']);
  expect(notices).toEqual(['partition 0 was not read: orders-0 has no leader now']);
  const alone = browseTopic(withoutLeader(logOf(twoPartitions.slice(0, 1)).lookup), request({}), io);
  await expect(alone).rejects.toThrow('orders-0 has no leader now');
});

test('following continues while a partition cannot be read, and misses none of its messages', async () => {
  const log = twoPartitions.map((each) => [...each]);
  let pauses = 0;
  const lookup = withoutLeader(logOf(log).lookup, () => pauses === 1 || pauses === 2);
  const clock = {
    async sleep() {
      if (pauses++ > 3) throw new Error('stopped');
      if (pauses === 1) log.forEach((own, partition) => own.push(message(partition, 10)));
    },
  };
  const seen: FoundMessage[] = [];
  const following = async () => {
    for await (const each of followTopic(lookup, request({}), { ...io, clock })) seen.push(each);
  };
  await expect(following()).rejects.toThrow('stopped');
  expect(places(seen)).toEqual(['1-10', '0-10']);
});

test('following reports an unreadable partition once, and again after it was readable in between', async () => {
  const noticesWhile = async (isDown: (pauses: number) => boolean) => {
    let pauses = 0;
    const lookup = withoutLeader(logOf(twoPartitions).lookup, () => isDown(pauses));
    const clock = {
      async sleep() {
        if (pauses++ > 5) throw new Error('stopped');
      },
    };
    const notices: string[] = [];
    const onUnread = (notice: string) => notices.push(`${pauses}: ${notice}`);
    const following = Array.fromAsync(followTopic(lookup, { ...request({}), onUnread }, { ...io, clock }));
    await expect(following).rejects.toThrow('stopped');
    return notices;
  };
  const why = 'partition 0 was not read: orders-0 has no leader now';
  // Unreadable from the start: messages stored until the partition is back are not shown.
  expect(await noticesWhile((pauses) => pauses < 2)).toEqual([`0: ${why}`]);
  expect(await noticesWhile((pauses) => [1, 2, 4].includes(pauses))).toEqual([`1: ${why}`, `4: ${why}`]);
});

test('a key matches the key of Kafka, or the keys and the unique key of RocketMQ', () => {
  const kafka = message(0, 0, { key: Buffer.from('order-1') });
  const rocketmq = message(0, 0, {
    properties: [
      ['KEYS', Buffer.from('order-1 order-2')],
      ['UNIQ_KEY', Buffer.from('7F0000')],
    ],
  });
  expect(matches(kafka, { key: 'order-1' })).toBe(true);
  expect(matches(kafka, { key: 'order' })).toBe(false);
  for (const key of ['order-2', '7F0000']) expect(matches(rocketmq, { key })).toBe(true);
});

test('a header matches by name, and by value if one is given', () => {
  const tagged = message(0, 0, { properties: [['TAGS', Buffer.from('refund')]] });
  expect(matches(tagged, { header: { name: 'TAGS' } })).toBe(true);
  expect(matches(tagged, { header: { name: 'TAGS', value: 'refund' } })).toBe(true);
  expect(matches(tagged, { header: { name: 'TAGS', value: 'paid' } })).toBe(false);
  expect(matches(message(0, 0), { header: { name: 'TAGS' } })).toBe(false);
});
