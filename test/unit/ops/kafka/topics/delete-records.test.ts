import { expect, test } from 'vitest';
import { lagsOf } from '../../../../../brokers/kafka/inspect/lags.ts';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { systemClock } from '../../../../../core/clock.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { deleteRecords, planDeleteRecords } from '../../../../../ops/kafka/topics/delete-records.ts';

const io = { signal: new AbortController().signal };
const [latest, earliest] = [-1, -2];
/** A complete reading without groups. */
const whole = { groups: [], sections: [] };

/** A topic whose partitions store so many messages from offset 0. @param byTime first offset at a time, by partition; absent without an answer */
function topic(
  stored: bigint[],
  byTime: Readonly<Record<number, bigint | 'none'>> = {},
  ids: string[] = [],
  { name, policy }: { name: string; policy: string } = { name: 'orders', policy: 'delete' },
) {
  const partitions = stored.map((_, partition): Partition => ({
    topic: name,
    partition,
    leader: '1',
    replicas: ['1'],
    inSyncReplicas: ['1'],
  }));
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({
      topics: [{ name, ...(ids[0] !== undefined && { id: ids[0] }), internal: false, partitions }],
      brokers: [],
    }),
    allSettings: async () =>
      new Map([['cleanup.policy', { value: policy, isOwn: true, isReadOnly: false, isSecret: false }]]),
    offsetsAt: async (asked: readonly { partition: number }[], at: number) =>
      asked.flatMap(({ partition }) => {
        const found = at === earliest ? 0n : at === latest ? (stored[partition] ?? 0n) : byTime[partition];
        return found === undefined ? [] : [{ topic: name, partition, ...(found !== 'none' && { offset: found }) }];
      }),
  };
  return { admin, clock: systemClock, clusterArgs: '' };
}

test('a repeated plan of --all deletes only the records that were stored when the first plan was shown', async () => {
  const stored = [100n, 0n];
  const tools = topic(stored);
  const spec = { topic: 'orders', acceptReaders: false };
  const plan = async (ends?: ReadonlyMap<number, bigint>) =>
    planDeleteRecords(tools, { ...spec, before: { kind: 'end', ...(ends && { ends }) } }, whole, io);
  const shown = await plan();
  stored.splice(0, 2, 120n, 5n);
  const again = await plan(new Map(shown.facts.partitions.map((each) => [each.partition, BigInt(each.before)])));
  expect(again.facts).toEqual(shown.facts);
  const textOf = ({ facts }: typeof shown) => deleteRecords.steps(facts, tools).map(({ description }) => description);
  expect(textOf(again)).toEqual(['delete the records of orders before 0:100']);
  expect(textOf(await plan())).toEqual(['delete the records of orders before 0:120, 1:5']);
});

test('refuses the plan if the offset of a partition at the given time cannot be read', async () => {
  const before = { kind: 'time', atMs: 1000 } as const;
  const spec = { topic: 'orders', acceptReaders: false, before };
  const tools = topic([100n, 100n, 100n], { 0: 30n, 1: 'none' });
  const { facts, findings } = await planDeleteRecords(tools, spec, whole, io);
  expect(facts.partitions.map(({ partition, before: kept }) => [partition, kept])).toEqual([
    [0, '30'],
    [1, '100'],
  ]);
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'critical',
      code: 'offsets-unread',
      message: 'no leader answers for these partitions of orders: 2',
    }),
  );
});

test('a resumed change deletes no records of a topic that was re-created', async () => {
  const ids = ['id-1'];
  const tools = topic([100n], {}, ids);
  const spec = { topic: 'orders', acceptReaders: false, before: { kind: 'offset', offset: 30n } } as const;
  const { facts } = await planDeleteRecords(tools, spec, whole, io);
  ids[0] = 'id-2';
  await expect(deleteRecords.steps(facts, tools)[0]?.run(io)).rejects.toMatchObject({
    code: 'change-refused',
    message: 'topic orders was created again since the plan: nothing is deleted',
  });
});

/** @param offsets `commit` is absent where the group never committed, `end` where the partition did not answer */
function groupOf({ commit, end }: { commit?: bigint; end?: bigint }) {
  const known = { topic: 'orders', partition: 0, start: 0n, ...(end !== undefined && { end }) };
  const ends = new Map([['orders', new Map([[0, known]])]]);
  const committed =
    commit === undefined ? [] : [{ topic: 'orders', partitions: Int32Array.of(0), offsets: BigInt64Array.of(commit) }];
  const assigned = [{ topic: 'orders', partitions: [0] }];
  return { name: 'billing', partitions: lagsOf({ committed, assigned }, ends) };
}

test('messages of a partition without commits are unread if the group committed in another partition', async () => {
  const spec = { topic: 'orders', acceptReaders: false, before: { kind: 'end' } } as const;
  const snapshot = { groups: [groupOf({ commit: 100n, end: 100n })], sections: [] };
  const { findings } = await planDeleteRecords(topic([100n, 40n, 0n]), spec, snapshot, io);
  const notChecked = expect.stringContaining('not checked: readers that commit no offsets') as string;
  expect(findings).toContainEqual(expect.objectContaining({ code: 'what-is-lost', message: notChecked }));
  const message = expect.stringContaining('group billing has not read 40 of them') as string;
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'critical', code: 'unread-by-group', message }));
});

const missing = { kind: 'missing' as const, broker: '2' };
const loading = { section: 'groups', ...missing, reason: 'COORDINATOR_LOAD_IN_PROGRESS' };
const late = { section: 'offsets', ...missing, isUnreachable: true as const, reason: 'no answer before the deadline' };

test.each([
  {
    what: 'a group that has committed before them',
    groups: [groupOf({ commit: 40n, end: 100n })],
    sections: [],
    code: 'unread-by-group',
    message: 'group billing has not read 60 of them',
  },
  {
    what: 'a group that is assigned them and never committed',
    groups: [groupOf({ end: 100n })],
    sections: [],
    code: 'unread-by-group',
    message: 'group billing has not read 100 of them',
  },
  {
    what: 'groups that their coordinator did not list',
    groups: [],
    sections: [loading],
    code: 'readers-unknown',
    message: 'groups of broker 2 could not be read: COORDINATOR_LOAD_IN_PROGRESS',
  },
  {
    what: 'a group in a partition whose end could not be read',
    groups: [groupOf({ commit: 40n })],
    sections: [late],
    code: 'readers-unknown',
    message: 'offsets of broker 2 could not be read: no answer before the deadline',
  },
])('deletes messages unread by $what only with --accept-readers', async ({ groups, sections, ...wanted }) => {
  const found = async (acceptReaders: boolean) => {
    const spec = { topic: 'orders', acceptReaders, before: { kind: 'end' } } as const;
    const { findings } = await planDeleteRecords(topic([100n]), spec, { groups, sections }, io);
    for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
    return findings.filter(({ code }) => code !== 'what-is-lost');
  };
  const message = expect.stringContaining(wanted.message) as string;
  expect(await found(false)).toMatchObject([{ severity: 'critical', code: wanted.code, message }]);
  expect(await found(true)).toMatchObject([{ severity: 'warning', code: wanted.code, message }]);
});

test.each([
  { name: '__remote_log_metadata', policy: 'delete', expected: ['internal-topic'] },
  { name: 'connect-offsets', policy: 'compact,delete', expected: ['internal-topic'] },
  // Others may have chosen such a name.
  { name: 'billing-totals-changelog', policy: 'compact,delete', expected: [] },
  { name: '__CruiseControlMetrics', policy: 'delete', expected: [] },
  { name: 'billing-totals-repartition', policy: 'delete', expected: [] },
  { name: 'connect-offsets', policy: 'delete', expected: [] },
])(
  'deleting records of $name ($policy) with --accept-readers results in: $expected',
  async ({ expected, ...known }) => {
    const spec = { topic: known.name, acceptReaders: true, before: { kind: 'end' } } as const;
    const { findings } = await planDeleteRecords(topic([100n], {}, [], known), spec, whole, io);
    expect(findings.filter(({ severity }) => severity === 'critical').map(({ code }) => code)).toEqual(expected);
  },
);
