// Checks that a broker that lost its controller, and returns outdated metadata, is not the only source.

import { describeQuorumV2, listOffsetsV6, metadataV10, type API } from '@platformatic/kafka';
import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { createInspector } from '../../../../../brokers/kafka/inspect/snapshot.ts';
import type { Link, Links } from '../../../../../brokers/kafka/wire/links.ts';
import { createReadGovernor } from '../../../../../brokers/read-governor.ts';
import { systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';

const io = () => ({ signal: AbortSignal.timeout(20_000) });
const [notLeader, requestTimedOut] = [6, 7];
const addressOf = (id: number) => `broker-${id}:9092`;

interface Offsets {
  name: string;
  partitions: { partitionIndex: number; timestamp: bigint }[];
}

function metadataOf(leaderId: number) {
  const partition = { errorCode: 0, partitionIndex: 0, leaderId, replicaNodes: [1, 2], isrNodes: [1, 2] };
  return {
    clusterId: 'MkU3OEVBNTcwNTJENDM2Qg',
    controllerId: 1,
    brokers: [1, 2, 3].map((nodeId) => ({ nodeId, host: `broker-${nodeId}`, port: 9092 })),
    topics: [{ name: 'orders', errorCode: 0, isInternal: false, partitions: [partition] }],
  };
}

const offsetsOf = (address: string, topics: readonly Offsets[]) => ({
  topics: topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partitionIndex, timestamp }) => ({
      partitionIndex,
      errorCode: address === addressOf(2) ? 0 : notLeader,
      offset: timestamp === -2n ? 0n : 10n,
    })),
  })),
});

const quorum = {
  topics: [
    {
      partitions: [{ errorCode: 0, leaderId: 1, leaderEpoch: 1, highWatermark: 5n, currentVoters: [], observers: [] }],
    },
  ],
};

/** Broker 3 is stale; broker 2 leads `orders`. @param leaderOfStale the leader that broker 3 reports */
function inspect(leaderOfStale: number) {
  const askedForCluster: string[] = [];
  const linkTo = (address: string): Link => {
    async function answer(_action: string, _io: unknown, api: API<unknown[], unknown>, ...request: unknown[]) {
      if (api.key === metadataV10.api.key) {
        if (request[0] === null) askedForCluster.push(address);
        return metadataOf(address === addressOf(3) ? leaderOfStale : 2);
      }
      if (api.key === listOffsetsV6.api.key) return offsetsOf(address, request[2] as Offsets[]);
      // A broker without a controller holds the request for request.timeout.ms.
      if (api.key === describeQuorumV2.api.key) return address === addressOf(3) ? new Promise(() => {}) : quorum;
      throw new AppError('broker-refused', `error ${requestTimedOut}`);
    }
    const ask = answer as unknown as Link['ask'];
    const newest = { Metadata: 10, ListOffsets: 6, DescribeQuorum: 2 };
    const ranges = new Map(Object.entries(newest).map(([name, max]) => [name, { min: 0, max }]));
    return { address, ranges, ask, askForParts: ask };
  };
  const links: Links = {
    to: async (address) => linkTo(address),
    takeCounts: () => ({}),
    [Symbol.asyncDispose]: async () => {},
  };
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: [addressOf(3), addressOf(1)] });
  const clock = systemClock;
  const governor = createReadGovernor({ clock });
  return { askedForCluster, inspector: createInspector({ name: 'lab', config, links, clock, governor }) };
}

test('a moved partition is looked up at a broker other than the one that named the old leader', async () => {
  const { askedForCluster, inspector } = inspect(1);
  const { offsets } = await inspector.snapshot(io(), { groups: [] });
  expect(offsets).toMatchObject([{ topic: 'orders', partition: 0, end: 10n }]);
  await inspector.snapshot(io(), { groups: [] });
  expect(askedForCluster).toEqual([addressOf(3), addressOf(1), addressOf(1)]);
});

test('a broker that cannot forward a request to the controller is used last from then on', async () => {
  const { askedForCluster, inspector } = inspect(2);
  expect((await inspector.snapshot(io())).kafka?.quorum).toBeUndefined();
  expect((await inspector.snapshot(io())).kafka?.quorum?.leader).toBe('1');
  expect(askedForCluster).toEqual([addressOf(3), addressOf(1)]);
});
