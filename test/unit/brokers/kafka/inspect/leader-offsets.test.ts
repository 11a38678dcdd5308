import type { API } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import type { KafkaMetadata } from '../../../../../brokers/kafka/client.ts';
import { createLeaderOffsets } from '../../../../../brokers/kafka/inspect/leader-offsets.ts';
import type { Link, Links } from '../../../../../brokers/kafka/wire/links.ts';

const io = { signal: new AbortController().signal };
const addressOf = (broker: string) => `broker-${broker}:9092`;

/** Topic `orders` with one partition for each given leader. */
const ledBy = (
  leaders: readonly (string | undefined)[],
  over: { id?: string; transactions?: boolean } = {},
): KafkaMetadata => ({
  brokers: ['1', '2'].map((id) => ({ id, address: addressOf(id) })),
  topics: [
    {
      name: 'orders',
      id: over.id ?? 'first',
      internal: false,
      partitions: leaders.map((leader, partition) => ({
        topic: 'orders',
        partition,
        ...(leader !== undefined && { leader }),
        replicas: ['1', '2'],
        inSyncReplicas: ['1', '2'],
      })),
    },
    ...(over.transactions === true ? [{ name: '__transaction_state', internal: true, partitions: [] }] : []),
  ],
});

type Question = [
  replica: number,
  isolation: number,
  topics: { name: string; partitions: { partitionIndex: number; timestamp: bigint }[] }[],
];

/** Brokers that answer for partitions they lead and refuse the others as Kafka does. */
function clusterLedBy(leaders: readonly (string | undefined)[]) {
  const asked: string[] = [];
  const linkTo = (address: string): Link => {
    const broker = address.slice('broker-'.length, -':9092'.length);
    async function answer(_action: string, _io: unknown, _api: unknown, ...[, isolation, topics]: Question) {
      asked.push(`${broker} ${isolation === 1 ? 'stable' : topics[0]?.partitions[0]?.timestamp}`);
      return {
        throttleTimeMs: 0,
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map(({ partitionIndex, timestamp }) => ({
            partitionIndex,
            errorCode: leaders[partitionIndex] === broker ? 0 : leaders[partitionIndex] === 'secret' ? 29 : 6,
            timestamp: -1n,
            offset: timestamp === -2n ? 0n : isolation === 1 ? 5n : 10n,
            leaderEpoch: 0,
          })),
        })),
      };
    }
    const ask = answer as unknown as <Arguments extends unknown[], Response>(
      action: string,
      io: object,
      api: API<Arguments, Response>,
      ...request: Arguments
    ) => Promise<Response>;
    return { address, ranges: new Map([['ListOffsets', { min: 1, max: 11 }]]), ask, askForParts: ask };
  };
  const links: Pick<Links, 'to'> = { to: async (address) => linkTo(address) };
  return { asked, links: links as Links, linkTo };
}

const unmoved = () => Promise.reject(new Error('nobody moved'));

test('a leader gets two requests, for start and end offsets of the partitions it leads', async () => {
  const { asked, links, linkTo } = clusterLedBy(['1', '2', undefined]);
  const leaders = createLeaderOffsets(ledBy(['1', '2', undefined]), links, unmoved);
  const { value, refusals } = await leaders.read('1', linkTo(addressOf('1')), io);
  expect(value.offsets).toEqual([{ topic: 'orders', partition: 0, start: 0n, end: 10n }]);
  expect({ refusals, asked }).toEqual({ refusals: [], asked: ['1 -2', '1 -1'] });
});

test('last stable offsets are requested in a cluster that has seen transactions', async () => {
  const { links, linkTo } = clusterLedBy(['1']);
  const leaders = createLeaderOffsets(ledBy(['1'], { transactions: true }), links, unmoved);
  const { value } = await leaders.read('1', linkTo(addressOf('1')), io);
  expect(value.offsets).toMatchObject([{ end: 10n, lastStable: 5n }]);
});

test('a partition that moved since the metadata is read from its new leader, without a refusal', async () => {
  const { links, linkTo } = clusterLedBy(['2', '1']);
  let looks = 0;
  const leaders = createLeaderOffsets(ledBy(['1', '1']), links, async () => (looks++, { metadata: ledBy(['2', '1']) }));
  const { value, refusals } = await leaders.read('1', linkTo(addressOf('1')), io);
  expect(value.offsets.map(({ partition }) => partition)).toEqual([1, 0]);
  expect({ refusals, looks }).toEqual({ refusals: [], looks: 1 });
});

test('a refused partition affects no other partition, and the reason is reported', async () => {
  const { links, linkTo } = clusterLedBy(['1', 'secret']);
  const leaders = createLeaderOffsets(ledBy(['1', '1']), links, unmoved);
  const { value, refusals } = await leaders.read('1', linkTo(addressOf('1')), io);
  expect(value.offsets).toHaveLength(1);
  expect(refusals).toEqual(['orders-1: TOPIC_AUTHORIZATION_FAILED (needs Describe on the topic)']);
});

test('offsets kept from before exclude partitions that moved and topics that were re-created', async () => {
  const { links, linkTo } = clusterLedBy(['1', '1']);
  const before = createLeaderOffsets(ledBy(['1', '1']), links, unmoved);
  const { value } = await before.read('1', linkTo(addressOf('1')), io);
  const shownBy = (now: KafkaMetadata) =>
    createLeaderOffsets(now, links, unmoved)
      .stillOf('1', value)
      .map(({ partition }) => partition);
  expect(shownBy(ledBy(['1', '1']))).toEqual([0, 1]);
  expect(shownBy(ledBy(['1', '2']))).toEqual([0]);
  expect(shownBy(ledBy(['1', '1'], { id: 'second' }))).toEqual([]);
});
