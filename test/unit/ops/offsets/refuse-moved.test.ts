import { expect, test } from 'vitest';
import { planMove, type MovePlan } from '../../../../ops/offsets/plan-move.ts';
import { refuseMoved, withStartsOfNow } from '../../../../ops/offsets/refuse-moved.ts';
import type { ResetTarget } from '../../../../ops/offsets/reset-target.ts';
import { fakeGroupOffsets, running, type FakeGroupOffsets } from '../../../support/fake-group-offsets.ts';

const io = { signal: new AbortController().signal };

/** Plans a move, lets something happen, and plans it again. */
async function twice(
  aim: ResetTarget,
  meanwhile: (offsets: FakeGroupOffsets) => void,
  offsets = fakeGroupOffsets(),
): Promise<[MovePlan[], MovePlan[]]> {
  const plan = async () => [await planMove(offsets, { group: 'billing', wanted: { topic: 'orders' }, aim }, io)];
  const shown = await plan();
  meanwhile(offsets);
  return [shown, await plan()];
}

const commits = (offsets: FakeGroupOffsets) => void offsets.committed.splice(1, 1, 65n);
const grows = (offsets: FakeGroupOffsets) => {
  const { positions } = offsets;
  offsets.positions = async (...of) => (await positions(...of))?.map((each) => ({ ...each, start: 30n, end: 200n }));
};

test('suggests the most similar topic of the group for a mistyped topic', async () => {
  const wanted = { topic: 'oders' };
  const planned = planMove(fakeGroupOffsets(), { group: 'billing', wanted, aim: { kind: 'latest' } }, io);
  await expect(planned).rejects.toMatchObject({
    message: 'the cluster has no topic oders',
    hint: 'did you mean orders?',
  });
});

test.each([
  { broker: 'Kafka', over: { hidesTopics: true }, more: ' Kafka hides a topic from a user without Describe on it.' },
  { broker: 'RocketMQ', over: {}, more: '' },
] as const)('does not suggest a deleted topic that a group of $broker consumed', async (each) => {
  const offsets = fakeGroupOffsets({ ...each.over, positions: async () => undefined });
  const planned = planMove(offsets, { group: 'billing', wanted: { topic: 'orders' }, aim: { kind: 'latest' } }, io);
  await expect(planned).rejects.toMatchObject({
    message: 'the cluster has no topic orders',
    hint: `\`plimsoll get topics\` lists its topics.${each.more}`,
  });
});

test.each([{ isByMoment: false }, { isByMoment: true }])(
  'refuses to move a stopped group that others moved since the plan (by a moment: $isByMoment)',
  async ({ isByMoment }) => {
    const aim = isByMoment ? ({ kind: 'latest' } as const) : ({ kind: 'offset', offset: 20n } as const);
    const [shown, now] = await twice(aim, commits);
    expect(() => refuseMoved(shown, now, { isByMoment })).toThrow(
      /^nothing was moved: orders 1 was at 60.* when the plan was shown, and is at 65/,
    );
  },
);

test('refuses a target that is no longer stored instead of using another one', async () => {
  const [shown, now] = await twice({ kind: 'offset', offset: 20n }, grows);
  expect(() => refuseMoved(shown, now, { isByMoment: false })).toThrow(
    'orders 0 was at 50 with target 20 when the plan was shown, and is at 50 with the start as target now',
  );
});

test.each([
  { at: 'the end', by: 100_000n, targets: [100n, 100n, 100n] },
  { at: 'the start', by: -100_000n, targets: [30n, 30n, 30n] },
])('a target limited to $at does not differ while the topic is live, and is still stored', async (limited) => {
  const [shown, now] = await twice({ kind: 'shift', by: limited.by }, grows);
  expect(() => refuseMoved(shown, now, { isByMoment: false })).not.toThrow();
  const [plan] = withStartsOfNow(shown, now);
  expect(plan?.positions.map(({ outcome }) => outcome)).toMatchObject(limited.targets.map((target) => ({ target })));
});

test('new messages do not block a move to the end', async () => {
  const [shown, now] = await twice({ kind: 'latest' }, grows);
  expect(() => refuseMoved(shown, now, { isByMoment: true })).not.toThrow();
});

test('moves a running group of RocketMQ although it commits all the time', async () => {
  const offsets = fakeGroupOffsets({ presences: [running('by-offset')] });
  const [shown, now] = await twice({ kind: 'offset', offset: 20n }, commits, offsets);
  expect(() => refuseMoved(shown, now, { isByMoment: false })).not.toThrow();
});

test('refuses to move a Kafka group that started since the plan', async () => {
  const [shown, now] = await twice({ kind: 'offset', offset: 20n }, (offsets) => {
    offsets.presences = [running('not')];
  });
  expect(() => refuseMoved(shown, now, { isByMoment: false })).toThrow('billing has 1 member');
});
