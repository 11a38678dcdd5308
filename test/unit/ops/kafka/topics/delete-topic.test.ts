import { expect, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import type { GroupSnapshot, Section } from '../../../../../brokers/snapshot.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import type { TopicToDelete } from '../../../../../brokers/kafka/changes/topics.ts';
import type { Partition } from '../../../../../core/cluster.ts';
import { deleteTopic, DeleteTopicFacts, resumedDeletion } from '../../../../../ops/kafka/topics/delete-topic.ts';
import { planDeleteTopic } from '../../../../../ops/kafka/topics/plan-delete-topic.ts';

const io = { signal: new AbortController().signal };
const earliest = -2;

/** A topic whose partitions end at these offsets; the end of a partition without a leader is unknown. */
function topic(
  ends: (bigint | undefined)[],
  ids: string[] = [],
  whenAsked = async (_known: Omit<TopicToDelete, 'name'>): Promise<void> => undefined,
  { name = 'orders', policy = 'delete' } = {},
) {
  const partitions = () =>
    ends.map((_, partition): Partition => ({
      topic: name,
      partition,
      leader: '1',
      replicas: ['1'],
      inSyncReplicas: ['1'],
    }));
  let isDeleted = false;
  let deletedId: string | undefined;
  const topics = () => {
    const [id] = ids;
    return isDeleted ? [] : [{ name, ...(id !== undefined && { id }), internal: false, partitions: partitions() }];
  };
  const admin = {
    ...openKafkaAdministration('lab', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
    describe: async () => ({ topics: topics(), brokers: [] }),
    allSettings: async () =>
      new Map([['cleanup.policy', { value: policy, isOwn: false, isReadOnly: false, isSecret: false }]]),
    sizes: async () => [],
    offsetsAt: async (asked: readonly { partition: number }[], at: number) =>
      asked.flatMap(({ partition }) => {
        const offset = at === earliest ? 0n : ends[partition];
        return offset === undefined ? [] : [{ topic: name, partition, offset }];
      }),
    async deleteTopic(_name: string, _io: unknown, known: Omit<TopicToDelete, 'name'> = {}) {
      deletedId = known.id;
      await whenAsked(known);
      isDeleted = true;
    },
  };
  const tools = { admin, clock: { ...systemClock, sleep: async () => undefined }, clusterArgs: '' };
  return {
    isDeleted: () => isDeleted,
    deletedId: () => deletedId,
    plan(
      acceptWrites: boolean,
      shown?: DeleteTopicFacts,
      sections: readonly Section[] = [],
      groups: readonly GroupSnapshot[] = [],
      acceptReaders = false,
    ) {
      const spec = { topic: name, watch: seconds(5), acceptWrites, acceptReaders, shown };
      return planDeleteTopic(tools, spec, { groups, sections }, io);
    },
    run: async (facts: DeleteTopicFacts) => deleteTopic.steps(facts, tools)[0]?.run(io),
  };
}

test.each([
  { what: 'was written', after: [103n, 7n], message: 'producers wrote to partition 0 since the plan (messages: 3)' },
  {
    what: 'got a partition with messages',
    after: [100n, 7n, 2n],
    message: 'producers wrote to partition 2 since the plan (messages: 2)',
  },
  { what: 'was created again', after: [10n, 7n], message: 'it was created again since the plan' },
])('keeps a topic that $what between the shown plan and the plan under the lease', async ({ after, message }) => {
  const ends = [100n, 7n];
  const { plan, run, isDeleted } = topic(ends);
  const shown = await plan(false);
  ends.splice(0, ends.length, ...after);
  const { facts } = await plan(false, shown.facts);
  await expect(run(facts)).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining(message) as string,
  });
  expect(isDeleted()).toBe(false);
});

test.each([
  [true, false],
  [false, true],
])('a resumed deletion of a written topic needs --accept-writes at the start (%s) or now (%s)', async (then, now) => {
  const ends = [100n];
  const { plan, run, isDeleted } = topic(ends, ['id-1']);
  const { facts } = await plan(then);
  ends[0] = 103n;
  await run(resumedDeletion(facts, now));
  expect(isDeleted()).toBe(true);
});

test('--accept-writes deletes a topic that producers write to', async () => {
  const ends = [100n];
  const { plan, run, isDeleted } = topic(ends);
  const shown = await plan(true);
  ends[0] = 103n;
  await run((await plan(true, shown.facts)).facts);
  expect(isDeleted()).toBe(true);
});

test.each([
  { what: 'has another id', ends: [103n, 7n], ids: ['id-2'], message: 'it was created again since the plan' },
  { what: 'lacks a partition of the plan', ends: [103n], ids: [], message: 'it was created again since the plan' },
  {
    what: 'has a partition without a leader',
    ends: [103n, undefined],
    ids: ['id-1'],
    message: 'no leader answers for partitions 1',
  },
])('a resumed deletion with --accept-writes keeps a topic that $what', async (found) => {
  const [ends, ids]: [(bigint | undefined)[], string[]] = [[100n, 7n], ['id-1']];
  const { plan, run, isDeleted } = topic(ends, ids);
  const { facts } = await plan(true);
  expect(facts.id).toBe('id-1');
  ends.splice(0, ends.length, ...found.ends);
  ids.splice(0, ids.length, ...found.ids);
  await expect(run(facts)).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining(found.message) as string,
  });
  expect(isDeleted()).toBe(false);
});

test('the plan under the lease keeps the topic id that was shown', async () => {
  const ids = ['id-1'];
  const { plan } = topic([100n], ids);
  const shown = await plan(false);
  ids[0] = 'id-2';
  expect((await plan(false, shown.facts)).facts.id).toBe('id-1');
});

test('reads the journal of a deletion that began without a topic id', async () => {
  const { plan, run, isDeleted } = topic([100n], ['id-1']);
  const { id: _, ...old } = (await plan(false)).facts;
  await run(DeleteTopicFacts.parse(old));
  expect(isDeleted()).toBe(true);
});

test.each([
  { what: 'that is empty, as before', ends: [0n], after: 0n, acceptWrites: false },
  { what: 'that has more messages than before', ends: [100n], after: 103n, acceptWrites: true },
])('without topic ids, a resumed deletion keeps a topic $what', async ({ ends, after, acceptWrites }) => {
  const { plan, run, isDeleted } = topic(ends);
  const { facts } = await plan(acceptWrites);
  ends[0] = after;
  await expect(run({ ...facts, isResumed: true })).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('it is unknown whether it was created again') as string,
    hint: expect.stringContaining('--abort') as string,
  });
  expect(isDeleted()).toBe(false);
});

test.each([
  { what: 'the same topic id', ids: ['id-1'], ends: [0n] },
  { what: 'no topic ids and the same messages', ids: [], ends: [100n] },
])('a resumed deletion continues with $what', async ({ ids, ends }) => {
  const { plan, run, isDeleted } = topic(ends, ids);
  const { facts } = await plan(false);
  await run({ ...facts, isResumed: true });
  expect(isDeleted()).toBe(true);
});

test('deletes by id the topic that was compared with the plan', async () => {
  const { plan, run, deletedId } = topic([100n], ['id-1']);
  await run((await plan(false)).facts);
  expect(deletedId()).toBe('id-1');
});

test.each([
  { what: 'the same topic is deleted', after: 100n, outcome: 'done' },
  { what: 'a topic that was created again is kept', after: 2n, outcome: 'it was created again since the plan' },
])('after a lost response, without topic ids, $what', async ({ after, outcome }) => {
  const ends = [100n];
  const { plan, run, isDeleted } = topic(ends, [], async ({ beforeRepeat }) => {
    ends[0] = after;
    await beforeRepeat?.();
  });
  const { facts } = await plan(true);
  const ended = await run(facts).then(
    (result) => result?.kind,
    ({ message }: Error) => message,
  );
  expect(ended).toContain(outcome);
  expect(isDeleted()).toBe(outcome === 'done');
});

test('a topic whose end offsets could not be read may have readers', async () => {
  const { plan } = topic([100n]);
  const reason = 'no answer before the deadline';
  const late = { section: 'offsets', broker: '2', kind: 'missing', isUnreachable: true, reason } as const;
  const { findings } = await plan(false, undefined, [late]);
  expect(findings).toContainEqual(expect.objectContaining({ severity: 'critical', code: 'readers-unknown' }));
  for (const { messageZh } of findings) expect(messageZh).toMatch(/\p{Script=Han}/u);
});

test('a group has not read partitions without its commits if it committed in another partition', async () => {
  const { plan } = topic([100n, 40n, 0n]);
  const partitions = [{ topic: 'orders', partition: 0, start: 0n, end: 100n, committed: 90n }];
  const { findings } = await plan(false, undefined, [], [{ name: 'billing', members: 1, partitions }]);
  const message = expect.stringContaining('50 messages unread') as string;
  const evidence = [expect.objectContaining({ name: 'billing', value: 1 })];
  const reads = { severity: 'critical', code: 'group-reads', message, evidence };
  expect(findings).toContainEqual(expect.objectContaining(reads));
});

test.each([
  { name: '_schemas', policy: 'compact', expected: ['critical', 'critical'] },
  { name: '__remote_log_metadata', policy: 'delete', expected: ['critical', 'critical'] },
  // A Connect cluster that no longer runs leaves its topics behind.
  { name: 'connect-offsets', policy: 'compact', expected: ['critical', 'warning'] },
  { name: 'billing-totals-changelog', policy: 'compact,delete', expected: ['critical', 'warning'] },
  { name: 'connect-offsets', policy: 'delete', expected: [undefined, undefined] },
])(
  'the finding for deleting $name ($policy) without and with --accept-readers is $expected',
  async ({ expected, ...known }) => {
    const { plan } = topic([100n], [], undefined, known);
    const severityOf = async (acceptReaders: boolean) => {
      const { findings } = await plan(false, undefined, [], [], acceptReaders);
      return findings.find(({ code }) => code === 'internal-topic')?.severity;
    };
    expect([await severityOf(false), await severityOf(true)]).toEqual(expected);
  },
);

test('the command that re-creates a deleted topic has the current option names', async () => {
  const { plan, run } = topic([100n]);
  const command = expect.stringMatching(/create-topic --topic orders --partitions 1 --replication-factor 1$/) as string;
  expect(await run((await plan(false)).facts)).toMatchObject({
    kind: 'done',
    evidence: [{ en: command, zh: command }],
  });
});
