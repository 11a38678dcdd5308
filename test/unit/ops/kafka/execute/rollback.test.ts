import { expect, test } from 'vitest';
import { seconds } from '../../../../../core/clock.ts';
import { look } from '../../../../../ops/kafka/execute/look.ts';
import { isAsLeft } from '../../../../../ops/kafka/execute/moved-by-others.ts';
import { begun, carry, cluster, lying, rate, wanted } from '../../../../support/carried-reassignment.ts';

test('a change whose new broker died for good can be rolled back, and the leftover throttle is named', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) pretend.alive.delete(4);
  };
  await expect(carry(pretend, disk)).rejects.toThrow('broker 4');
  expect(disk.state.borrowed.map(({ name }) => name)).toContain('4');
  disk.state.direction = 'back';
  const { outcome, said } = await carry(pretend, disk);
  expect(outcome.kind).toBe('rolled-back');
  expect(pretend.replicasOf()).toEqual(lying);
  expect(disk.state.borrowed).toEqual([]);
  expect(said.filter((line) => line.startsWith('broker 4 left the cluster'))).toEqual([
    expect.stringMatching(/restore its settings: delete leader\.replication\.throttled\.rate, delete follower/),
  ]);
});

test('the abort request that started a rollback does not end the waits of the rollback', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  let isAsked = false;
  const request = () => {
    isAsked ||= pretend.replicasOf()[1]?.[0] === 4;
    return isAsked ? ('abort' as const) : undefined;
  };
  let requests = 0;
  pretend.onRequest = () => {
    requests += 1;
    // The rollback returns replicas to this broker.
    if (isAsked) pretend.alive.delete(1);
  };
  await expect(carry(pretend, disk, request)).rejects.toThrow('brokers not in the cluster: 1');
  expect(requests).toBeLessThan(300);
});

test.each(['forward', 'back'] as const)(
  'keeps and names a partition that others moved while the change was paused: %s',
  async (direction) => {
    const pretend = cluster();
    for (const broker of [7, 8]) pretend.alive.add(broker);
    const disk = { state: begun() };
    const { outcome } = await carry(pretend, disk, () => (pretend.replicasOf()[1]?.[0] === 4 ? 'pause' : undefined));
    expect(outcome.kind).toBe('paused');
    const byOthers = async (replicas: number[]) => {
      const io = { signal: AbortSignal.timeout(1000) };
      await pretend.changes.reassign([{ topic: 'orders', partition: 3, replicas }], io);
      await pretend.clock.sleep(seconds(10), io);
      expect(await pretend.changes.moving(io)).toEqual([]);
    };
    // The others left it with a leader that is not the preferred one.
    await byOthers([7, 8]);
    await byOthers([8, 7]);
    disk.state.direction = direction;
    const { outcome: ended, said } = await carry(pretend, disk);
    const aim = direction === 'back' ? lying : wanted;
    expect(ended.kind).toBe(direction === 'back' ? 'rolled-back' : 'done');
    expect(pretend.replicasOf()).toEqual([...aim.slice(0, 3), [8, 7]]);
    expect(pretend.leaders()[3]).toBe(7);
    expect(said.filter((line) => line.includes('orders-3'))).toEqual([
      `partitions left as others placed them after this change started, 1: orders-3 on 8,7 instead of ${aim[3]?.join()}`,
    ]);
    expect(disk.state.log.map(({ zh }) => zh)).toContain(
      `以下 1 个分区在本变更开始后被他人重新分配，保持不变：orders-3 位于 8,7，而非 ${aim[3]?.join()}`,
    );
    expect(disk.state.checks.after?.findings).toContainEqual(
      expect.objectContaining({ severity: 'critical', code: 'replicas-as-planned' }),
    );
  },
);

test.each(['forward', 'back'] as const)(
  'keeps additional replicas that others gave to a partition: %s',
  async (direction) => {
    const pretend = cluster();
    const disk = { state: begun() };
    await carry(pretend, disk, () => (pretend.replicasOf()[1]?.[0] === 4 ? 'pause' : undefined));
    const io = { signal: AbortSignal.timeout(1000) };
    await pretend.changes.reassign([{ topic: 'orders', partition: 3, replicas: [1, 3, 4] }], io);
    await pretend.clock.sleep(seconds(10), io);
    disk.state.direction = direction;
    const { said } = await carry(pretend, disk);
    const aim = direction === 'back' ? lying : wanted;
    expect(pretend.replicasOf()).toEqual([...aim.slice(0, 3), [1, 3, 4]]);
    expect(said.filter((line) => line.includes('orders-3 on 1,3,4 instead of'))).toHaveLength(1);
  },
);

test.each(['forward', 'back'] as const)(
  'stale metadata after a move does not count as a placement by others: %s',
  async (direction) => {
    const pretend = cluster();
    pretend.metadataLag = 0.5;
    const disk = { state: begun() };
    const isInside = () => pretend.replicasOf()[1]?.[0] === 4;
    const { outcome, said } = await carry(pretend, disk, () =>
      direction === 'back' && isInside() ? 'abort' : undefined,
    );
    expect(outcome.kind).toBe(direction === 'back' ? 'rolled-back' : 'done');
    expect(pretend.replicasOf()).toEqual(direction === 'back' ? lying : wanted);
    expect(said.filter((line) => line.includes('as others placed'))).toEqual([]);
  },
);

test('after another change had the lease, --resume refuses and --abort keeps placements and removes the throttle', async () => {
  const pretend = cluster();
  pretend.copySeconds = 5;
  const disk = { state: begun() };
  let killed = disk.state;
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) killed = structuredClone(disk.state);
  };
  // The other change had the same target.
  await carry(pretend, disk);
  expect(pretend.replicasOf()).toEqual(wanted);
  expect(killed.borrowed).not.toEqual([]);
  for (const { kind, name } of killed.borrowed) pretend.settings.set(`${kind} ${name}`, new Map([[rate, '1000000']]));
  disk.state = { ...killed, takenOver: 'bob on ops-2 (reassign of pretend, since 2026-11-26T00:00:00.000Z)' };
  await expect(carry(pretend, disk)).rejects.toMatchObject({
    code: 'change-under-way',
    message: expect.stringContaining('not resumed: bob on ops-2 (reassign of pretend'),
    hint: expect.stringContaining('--abort restores throttles'),
  });
  disk.state.direction = 'back';
  const { outcome, said } = await carry(pretend, disk);
  expect(outcome.kind).toBe('rolled-back');
  expect(pretend.replicasOf()).toEqual(wanted);
  expect(disk.state.borrowed).toEqual([]);
  expect(said.filter((line) => line.includes('left as others placed them'))).toHaveLength(1);
});

test('the journal knows where its waves leave replicas, also after a kill', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  const io = { signal: AbortSignal.timeout(5000) };
  const isLeft = async (state = disk.state) => isAsLeft(state, await look({ changes: pretend.changes, ...io }));
  expect(await isLeft()).toBe(true);
  const pause = () => (pretend.replicasOf()[1]?.[0] === 4 ? 'pause' : undefined);
  let killed = disk.state;
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) killed = structuredClone(disk.state);
  };
  await carry(pretend, disk, pause);
  expect(pretend.replicasOf()).not.toEqual(lying);
  expect(await isLeft()).toBe(true);
  // Brokers continue the wave of a killed process.
  expect(await isLeft(killed)).toBe(true);
  pretend.onRequest = () => undefined;
  await carry(pretend, disk);
  expect(await isLeft()).toBe(true);
  expect(await isLeft(killed)).toBe(false);
  const [, moved] = pretend.replicasOf();
  expect(moved).toEqual(wanted[1]);
  await pretend.changes.reassign([{ topic: 'orders', partition: 1, replicas: lying[1] ?? [] }], io);
  expect(await isLeft()).toBe(false);
  await pretend.clock.sleep(seconds(10), io);
  expect(await isLeft()).toBe(false);
});
