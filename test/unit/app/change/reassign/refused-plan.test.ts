import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { controlChange } from '../../../../../app/change/reassign/control-change.ts';
import { executePlan, exitOf } from '../../../../../app/change/reassign/execute-plan.ts';
import type { RequestedGoal } from '../../../../../app/change/reassign/goal.ts';
import { leaveOutGone, refuseAbsent } from '../../../../../app/change/reassign/live-plan.ts';
import { factsOf, plannedReassignment } from '../../../../../app/change/reassign/run-reassignment.ts';
import type { Finding } from '../../../../../core/documents/analysis.ts';
import { buildProblem } from '../../../../../ops/kafka/reassign/build-problem.ts';
import { copyRateUnknown } from '../../../../../ops/kafka/live/copy-rate.ts';
import { saveJournal } from '../../../../../ops/change/journal.ts';
import type { ReassignFacts } from '../../../../../ops/kafka/execute/reassign-facts.ts';
import { planReassignment } from '../../../../../ops/kafka/reassign/plan-reassignment.ts';
import { placed, reassignJournal } from '../../../../support/reassign-journal.ts';

const metadata = { brokers: [1, 2, 3].map((id) => ({ id: String(id), address: `b${id}:9092` })) };
const even: RequestedGoal = { goal: { kind: 'even' }, add: [], remove: [] };

test.each<[string, RequestedGoal, number[], string]>([
  ['added', { ...even, add: [7] }, [1, 2, 3, 7], '--add'],
  ['in the place of another', { ...even, goal: { kind: 'replace', from: 3, to: 7 }, remove: [3] }, [], '--replace'],
  ['listed', even, [1, 7], '--brokers'],
])('a broker that is not started cannot be %s', (_, requested, listed, option) => {
  const given = listed.map((id) => ({ id }));
  expect(() => refuseAbsent(metadata, requested, given)).toThrow(
    expect.objectContaining({
      code: 'change-refused',
      message: `broker 7 of ${option} is not in the cluster now`,
      hint: expect.stringContaining('start it'),
    }),
  );
});

test('a leaving broker may be listed although it is down', () => {
  expect(() => refuseAbsent(metadata, { ...even, remove: [7] }, [{ id: 1 }, { id: 7 }])).not.toThrow();
});

function executed(to: readonly number[], findings: readonly Finding[] = [], given: Partial<ReassignFacts> = {}) {
  const io = { confirm: () => Promise.reject(new Error('confirmation')) };
  const facts = { original: placed([[1, 2, 3]]), target: placed([[...to]]), ...given };
  const replicas = to.filter((broker) => ![1, 2, 3].includes(broker)).length;
  const made = { plan: { moves: { replicas } }, findings, cluster: { metadata: {} } };
  return executePlan(io as never, {} as never, made as never, { name: 'prod', facts, path: 'none.json' } as never);
}
const because = (severity: Finding['severity'], code: string): Finding => ({
  severity,
  code,
  message: 'because',
  evidence: [],
});

test('refuses a plan that removes in-sync replicas below the minimum, except one that replaces a dead broker', async () => {
  await expect(executed([1, 2, 4], [because('critical', 'removes-in-sync')])).rejects.toThrow(
    'the change was not started: because',
  );
  await expect(executed([1, 2, 4], [because('warning', 'below-min-in-sync-until-moved')])).rejects.toThrow(
    'the copy rate for replicas is unknown',
  );
});

test.each(['status', 'pause', 'resume'])(
  '--%s without a journal is refused, without a claim that the cluster has no reassignment',
  async (control) => {
    const path = join(tmpdir(), 'plimsoll-no-such-state', 'orders.json');
    await expect(controlChange({} as never, {} as never, { path, control } as never)).rejects.toMatchObject({
      code: 'not-found',
      message: `no reassignment was begun here that has not ended: there is no ${path}`,
      hint: expect.stringContaining('--abort lists what the cluster shows'),
    });
  },
);

test('--abort asks for confirmation, and undoes what the cluster shows beside the journal of a reassignment that has ended', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-ended-'));
  const path = join(folder.path, 'orders.json');
  const journal = reassignJournal({ original: [], target: [] });
  await saveJournal(path, { ...journal, status: 'done' });
  const io = {
    options: { 'state-dir': folder.path },
    environment: {},
    stderr: { write: () => {} },
    confirm: (typed: string, summary: string) => Promise.reject(new Error(`${typed}: ${summary}`)),
  };
  const settings = new Map();
  const changes = {
    describe: async () => ({ brokers: [{ id: '1' }], topics: [] }),
    moving: async () => [],
    settingsOf: async () => settings,
  };
  const abort = () =>
    controlChange(io as never, changes as never, { path, name: 'lab', typed: 'id', control: 'abort' } as never);
  await expect(abort()).rejects.toMatchObject({ code: 'not-found', message: expect.stringContaining('nothing moves') });
  settings.set('leader.replication.throttled.rate', { isOwn: true, value: '1000' });
  await expect(abort()).rejects.toThrow('id: Every move is cancelled and every throttle removed');
  await saveJournal(path, journal);
  await expect(abort()).rejects.toThrow(
    'id: reassign of topic orders in cluster lab: moves in progress are cancelled, then',
  );
});

test('a change that another command paused or rolled back exits with 6, so that scripts do not remove the broker', () => {
  const state = reassignJournal({ original: [], target: [] });
  const exit = (kind: 'done' | 'rolled-back' | 'paused', wanted?: 'rolled-back') =>
    exitOf({ result: { kind }, state }, wanted);
  expect((['done', 'paused', 'rolled-back'] as const).map((kind) => exit(kind))).toEqual([0, 6, 6]);
  expect(exit('rolled-back', 'rolled-back')).toBe(0);
});

test('a plan that only removes replicas needs a rate for its rollback, and a new replica order needs none', async () => {
  await expect(executed([1, 2])).rejects.toMatchObject({
    code: 'usage',
    message: 'the copy rate for replicas of a rollback is unknown: nothing was changed',
  });
  await expect(executed([1, 2], [], { throttleBytesPerSecond: 1e6 })).rejects.toThrow('confirmation');
  await expect(executed([1, 2], [], { networkBytesPerSecond: 1e9 })).rejects.toThrow('confirmation');
  await expect(executed([3, 1, 2])).rejects.toThrow('confirmation');
});

/** Plans on a cluster whose broker 3 has no replicas. */
function planned(wanted: RequestedGoal) {
  const brokers = [{ id: 1 }, { id: 2 }, { id: 3 }];
  const partitions = [0, 1, 2].map((partition) => ({ topic: 'orders', partition, replicas: [1, 2] }));
  const { requested, findings } = leaveOutGone(wanted, { brokers });
  const { problem } = buildProblem({ assignment: { version: 1, partitions }, brokers, ...requested });
  return { requested, findings, plan: planReassignment(problem, { goal: requested.goal }) };
}

test('removing a dead broker without replicas moves nothing and does not balance the others', () => {
  const { plan, findings } = planned({ ...even, remove: [9] });
  expect(plan.plan.partitions).toEqual([]);
  expect(findings).toMatchObject([
    {
      severity: 'info',
      code: 'nothing-to-remove',
      message: 'Broker 9 is not in the cluster and has no replicas: there is nothing to move.',
    },
  ]);
  const another = planned({ ...even, remove: [2, 9] });
  expect(another.requested).toMatchObject({ goal: { kind: 'even' }, remove: [2] });
  expect(another.plan.plan.partitions).toHaveLength(3);
  const inPlaceOf = planned({ goal: { kind: 'replace', from: 9, to: 3 }, add: [], remove: [9] });
  expect(inPlaceOf.plan.plan.partitions).toEqual([]);
});

test('a plan that copies replicas, even only in its rollback, reports that its rate is unknown', () => {
  const codes = (wanted: RequestedGoal, rate = {}) =>
    copyRateUnknown(planned(wanted).plan, rate).map(({ code }) => code);
  const fewer: RequestedGoal = { ...even, goal: { kind: 'factor', replicas: 1 } };
  expect([codes({ ...even, remove: [2] }), codes(fewer)]).toEqual([['copy-rate-unknown'], ['copy-rate-unknown']]);
  expect(codes(fewer, { throttleBytesPerSecond: 1e6 })).toEqual([]);
  expect(codes(fewer, { networkBytesPerSecond: 1e9 })).toEqual([]);
  expect(codes({ ...even, goal: { kind: 'leaders' } })).toEqual([]);
});

test.each<[kafka: object, section: object, kept: object]>([
  [{ quorum: { voters: [{ id: '1' }, { id: '2' }] } }, { section: 'quorum', kind: 'fresh' }, { leavingVoters: [2] }],
  [{}, { section: 'quorum', kind: 'missing', reason: 'timed out' }, { votersUnread: 'timed out' }],
  [{}, { section: 'zookeeper', kind: 'fresh' }, {}],
])('for %j and %j, the voter facts are %j, and no part of the approval', (kafka, section, kept) => {
  const none = { partitions: [] };
  const facts = factsOf(
    { options: {} } as never,
    {
      plan: { plan: none, rollback: none },
      remove: [2, 7],
      toElect: [],
      minInSync: new Map(),
      snapshot: { kafka, sections: [section] },
    } as never,
    undefined,
  );
  const { leavingVoters, votersUnread, leaving } = facts;
  expect({ leavingVoters, votersUnread }).toEqual({ leavingVoters: undefined, votersUnread: undefined, ...kept });
  expect(leaving).toEqual([2, 7]);
  const { exact } = plannedReassignment(facts);
  expect(exact).not.toHaveProperty('leavingVoters');
  expect(exact).not.toHaveProperty('votersUnread');
});
