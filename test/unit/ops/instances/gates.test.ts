import { expect, test } from 'vitest';
import type { ClusterSnapshot } from '../../../../brokers/snapshot.ts';
import type { RocketmqDetails } from '../../../../brokers/rocketmq/details.ts';
import { kafkaBlockers } from '../../../../ops/instances/kafka-gate.ts';
import { parseLocks } from '../../../../ops/instances/locked-directories.ts';
import { rocketmqBlockers } from '../../../../ops/instances/rocketmq-gate.ts';

const brokers = ['1', '2', '3'];

function kafka({
  inSync = brokers,
  leader = '1',
  lag = 0n,
  ids = brokers,
}: { inSync?: string[]; leader?: string; lag?: bigint; ids?: string[] } = {}): ClusterSnapshot {
  return {
    cluster: { name: 'orders', kind: 'kafka', brokers: ids.map((id) => ({ id, address: `10.0.0.${id}:9092` })) },
    topics: [
      {
        name: 'paid',
        internal: false,
        partitions: [
          { topic: 'paid', partition: 0, replicas: brokers, inSyncReplicas: inSync, ...(leader !== '' && { leader }) },
        ],
      },
    ],
    offsets: [],
    groups: [{ name: 'billing', partitions: [{ topic: 'paid', partition: 0, end: 5000n, committed: 5000n - lag }] }],
    sections: [],
  };
}
const blockers = (snapshot: ClusterSnapshot) =>
  kafkaBlockers({ brokers, lags: { billing: 100 } }, snapshot).map(({ what }) => what);

test('a cluster as before lets the next broker be restarted', () => expect(blockers(kafka())).toEqual([]));

test('a missing broker, an under-replicated partition and one without a leader hold a rolling restart', () => {
  expect(blockers(kafka({ ids: ['1', '2'] }))).toEqual(['not in the cluster: broker 3']);
  expect(blockers(kafka({ inSync: ['1', '2'] }))).toEqual(['1 under-replicated partitions: paid-0']);
  expect(blockers(kafka({ leader: '', inSync: [] }))).toEqual(['1 partitions without a leader: paid-0']);
});

test('lag holds it until it is about as before', () => {
  expect(blockers(kafka({ lag: 1100n }))).toEqual([]);
  expect(blockers(kafka({ lag: 1101n }))).toEqual(['group billing has a lag of 1,101 messages, 100 before']);
});

const rocketmq = (
  over: Partial<Pick<RocketmqDetails, 'nameServers' | 'brokers'>> = {},
): Pick<RocketmqDetails, 'nameServers' | 'brokers'> => ({
  nameServers: [{ address: 'n1:9876', reachable: true, brokers: ['a:0', 'a:1'] }],
  brokers: [],
  ...over,
});
const members = { brokers: ['a:0', 'a:1'] };

test('each name server has to list every broker', () => {
  expect(rocketmqBlockers(members, rocketmq())).toEqual([]);
  expect(
    rocketmqBlockers(
      members,
      rocketmq({
        nameServers: [
          { address: 'n1:9876', reachable: true, brokers: ['a:0'] },
          { address: 'n2:9876', reachable: false },
        ],
      }),
    ),
  ).toEqual([{ what: 'name server n1:9876 does not list a:1' }, { what: 'name server n2:9876 does not answer' }]);
});

test('a slave has to be connected and in step with its master', () => {
  const master = (
    slaves: NonNullable<RocketmqDetails['brokers'][number]['ha']>['slaves'],
  ): RocketmqDetails['brokers'] => [
    {
      id: 'a:0',
      brokerName: 'a',
      brokerId: 0,
      address: '10.0.0.1:10911',
      role: 'master',
      ha: { masterCommitLogMaxOffset: 0n, inSyncSlaves: slaves.length, slaves },
    },
  ];
  const slave = (behindBytes: bigint) => ({
    address: '10.0.0.2',
    ackOffset: 0n,
    behindBytes,
    inSync: true,
    bytesPerSecond: 0,
  });
  expect(rocketmqBlockers(members, rocketmq({ brokers: master([]) }))).toEqual([
    { what: 'a:0 has 0 connected slaves of 1' },
  ]);
  expect(rocketmqBlockers(members, rocketmq({ brokers: master([slave(300n * 1024n * 1024n)]) }))).toHaveLength(1);
  expect(rocketmqBlockers(members, rocketmq({ brokers: master([slave(0n)]) }))).toEqual([]);
});

test('reads who holds a lock from the kernel', () => {
  const locks = parseLocks(
    '1: POSIX  ADVISORY  WRITE 1234 fe:01:131077 0 EOF\n2: FLOCK  ADVISORY  READ  99 00:19:55 0 EOF\n',
  );
  expect([...locks]).toEqual([['131077', 1234]]);
});
