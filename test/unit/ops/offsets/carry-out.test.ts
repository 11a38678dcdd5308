import { expect, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { systemClock } from '../../../../core/clock.ts';
import { momentOf, type ResetTarget } from '../../../../ops/offsets/reset-target.ts';
import { carryOut } from '../../../../ops/offsets/carry-out.ts';
import { moveFacts, topicMove } from '../../../../ops/offsets/move-facts.ts';
import { planMove } from '../../../../ops/offsets/plan-move.ts';
import { planRestore } from '../../../../ops/offsets/plan-restore.ts';
import { fakeGroupOffsets, running, stopped, type FakeGroupOffsets } from '../../../support/fake-group-offsets.ts';

const io = { signal: new AbortController().signal };
const travel = { ...io, clock: systemClock, tell: () => undefined };
const plan = (fake: FakeGroupOffsets, aim: ResetTarget, partitions?: number[]) =>
  planMove(fake, { group: 'billing', wanted: { topic: 'orders', ...(partitions && { partitions }) }, aim }, io);
const codes = ({ findings }: { findings: readonly { severity: string; code: string }[] }) =>
  findings.filter(({ severity }) => severity !== 'info').map(({ code }) => code);
async function moved(fake: FakeGroupOffsets, aim: ResetTarget): Promise<bigint[]> {
  const facts = moveFacts({ group: 'billing', broker: 'kafka' }, [await plan(fake, aim)], momentOf(aim));
  const [topic] = facts.topics;
  if (topic === undefined) throw new Error('nothing is to be moved');
  const after = await carryOut(fake, topicMove(facts, topic), momentOf(aim), travel);
  return [...after.values()].map(({ committed }) => committed ?? -1n);
}

test('moves a stopped group to the planned offsets, and moves nothing before', async () => {
  const fake = fakeGroupOffsets();
  const planned = await plan(fake, { kind: 'shift', by: -15n });
  expect(fake.moves).toBe(0);
  expect(planned.positions.map(({ outcome }) => outcome)).toMatchObject([
    { target: 35n, skipped: 0n, repeated: 15n },
    { target: 45n },
    { target: 55n },
  ]);
  expect(await moved(fake, { kind: 'time', atMs: 0 })).toEqual([40n, 40n, 40n]);
});

test('does not move a group that started after the plan', async () => {
  const fake = fakeGroupOffsets({ presences: [stopped, running('not')] });
  await expect(moved(fake, { kind: 'latest' })).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('till-1 at 10.0.0.7'),
  });
  expect(fake.moves).toBe(0);
});

test('does not move a group whose state is unknown', async () => {
  const fake = fakeGroupOffsets({ presences: [{ kind: 'unknown', reason: 'no coordinator' }] });
  expect(codes(await plan(fake, { kind: 'latest' }))).toEqual(['group-not-seen']);
  await expect(moved(fake, { kind: 'latest' })).rejects.toMatchObject({ code: 'change-refused' });
});

test('the error of a broker that fails midway names the offsets of all partitions and the backup', async () => {
  const onMove = ({ partition }: { partition: number }) => {
    if (partition === 1) throw new AppError('broker-refused', 'NOT_COORDINATOR');
  };
  await expect(moved(fakeGroupOffsets({ onMove }), { kind: 'latest' })).rejects.toMatchObject({
    code: 'offsets-not-moved',
    message:
      '1 of 3 offsets in orders were moved: NOT_COORDINATOR; offsets of billing that differ: 1 at 60 instead of 100, 2 at 70 instead of 100',
    hint: expect.stringContaining('the backup has the offsets from before the move'),
  });
});

test('detects a commit of a member after the move', async () => {
  const fake = fakeGroupOffsets();
  const { move } = fake;
  fake.move = async (...of) => {
    const told = await move(...of);
    fake.committed[2] = 71n;
    return told;
  };
  await expect(moved(fake, { kind: 'earliest' })).rejects.toThrow('2 at 71 instead of 10');
});

test('warns before moving a group past an open transaction, but not before moving it back to before one', async () => {
  const position = { topic: 'orders', partition: 0, start: 10n, end: 100n, openFrom: 80n };
  const at = (committed?: bigint) =>
    fakeGroupOffsets({ positions: async () => [{ ...position, ...(committed !== undefined && { committed }) }] });
  const { findings } = await plan(at(50n), { kind: 'latest' });
  expect(findings).toContainEqual(
    expect.objectContaining({
      severity: 'warning',
      code: 'transaction-open',
      message: expect.stringContaining('not ended in 0 (80) of orders, from'),
      messageZh: expect.stringContaining('0 (80)'),
    }),
  );
  expect(codes(await plan(at(), { kind: 'latest' }))).toEqual(['transaction-open', 'never-committed']);
  expect(codes(await plan(at(50n), { kind: 'offset', offset: 80n }))).toEqual([]);
  expect(codes(await plan(at(95n), { kind: 'shift', by: -10n }))).toEqual([]);
});

test('moves running groups on new brokers, and on older brokers only by time and whole topics', async () => {
  expect(
    codes(await plan(fakeGroupOffsets({ presences: [running('by-offset')] }), { kind: 'offset', offset: 20n })),
  ).toEqual(['group-online']);
  const older = { presences: [running('by-time')] };
  expect(codes(await plan(fakeGroupOffsets(older), { kind: 'earliest' }))).toEqual(['group-online']);
  expect(codes(await plan(fakeGroupOffsets(older), { kind: 'offset', offset: 20n }))).toEqual(['group-running']);
  expect(codes(await plan(fakeGroupOffsets(older), { kind: 'earliest' }, [0]))).toEqual(['group-running']);
});

test('reports offsets that are not stored, not committed or unknown', async () => {
  const fake = fakeGroupOffsets({ committed: [undefined, 4n, 70n] });
  const planned = await plan(fake, { kind: 'offset', offset: 5n });
  expect(codes(planned)).toEqual(['target-cut', 'lost-already', 'never-committed']);
  const warnings = planned.findings.filter(({ severity }) => severity === 'warning');
  for (const { message } of warnings) expect(message).toMatch(/ of orders\b/);
  for (const { messageZh } of planned.findings) expect(messageZh).toMatch(/\p{Script=Han}.*。$/u);
  expect(planned.positions[1]?.outcome).toMatchObject({ target: 10n, skipped: 0n, repeated: 0n, lost: 6n });
  expect(codes(await plan(fake, { kind: 'shift', by: 1n }))).toContain('position-unknown');
  await expect(plan(fake, { kind: 'latest' }, [0, 7])).rejects.toThrow('orders has no partition 7: it has 0, 1, 2');
});

test('a backup restores the offsets of a group, and partitions without a commit stay', async () => {
  const fake = fakeGroupOffsets({ presences: [{ kind: 'absent' }], committed: [100n, 100n, 100n] });
  const positions = [
    { topic: 'orders', partition: 0, committed: '50' },
    { topic: 'orders', partition: 1 },
    { topic: 'orders', partition: 9, committed: '5' },
  ];
  const [restored] = await planRestore(fake, { group: 'billing', positions }, io);
  expect(restored?.positions.map(({ outcome }) => outcome.kind)).toEqual(['move', 'stay', 'unknown']);
  expect(restored?.positions[0]?.outcome).toMatchObject({ target: 50n, repeated: 50n });
  expect(codes({ findings: restored?.findings ?? [] })).toEqual(['position-unknown']);
});
