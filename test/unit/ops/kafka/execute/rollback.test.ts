import { expect, test } from 'vitest';
import { begun, carry, cluster, lying } from '../../../../support/carried-reassignment.ts';

test('a change whose new broker died for good can be rolled back; its throttle is named', async () => {
  const pretend = cluster();
  const disk = { state: begun() };
  pretend.onRequest = () => {
    if (pretend.moving.size > 0) pretend.alive.delete(4);
  };
  await expect(carry(pretend, disk)).rejects.toThrow('broker 4');
  expect(disk.state.borrowed.map(({ name }) => name)).toContain('4');
  disk.state.direction = 'back';
  const { outcome, said } = await carry(pretend, disk);
  expect(outcome.kind).toBe('undone');
  expect(pretend.replicasOf()).toEqual(lying);
  expect(disk.state.borrowed).toEqual([]);
  expect(said.filter((line) => line.startsWith('broker 4 left the cluster'))).toEqual([
    expect.stringMatching(/restore its settings: delete leader\.replication\.throttled\.rate, delete follower/),
  ]);
});

test('the request that led to a rollback ends none of its waits', async () => {
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
    // One of the brokers that replicas return to.
    if (isAsked) pretend.alive.delete(1);
  };
  await expect(carry(pretend, disk, request)).rejects.toThrow('brokers not in the cluster: 1');
  expect(requests).toBeLessThan(300);
});
