import { expect, test } from 'vitest';
import { AppError } from '../../../../../core/errors.ts';
import type { ReassignJournal } from '../../../../../ops/kafka/execute/reassign-facts.ts';
import {
  begun,
  carry,
  cutting,
  given,
  lying,
  retained,
  withRetention,
} from '../../../../support/carried-reassignment.ts';
import type { Pretend } from '../../../../support/pretend-kafka.ts';

const shortened = 'topic orders retention.ms=3600000';
const logOf = ({ state }: { state: ReassignJournal }) => state.log.map(({ says }) => says).join('; ');

/** A lagging group: close to loss at half the retention, and later lost. */
const losing = (retentionMs: number) =>
  retentionMs <= 1_800_000 ? [{ group: 'billing', topic: 'orders', messages: 7n }] : [];

test('does not shorten a retention while a group has unread messages that would be deleted', async () => {
  const pretend = withRetention();
  pretend.unread = () => [{ group: 'billing', topic: 'orders', messages: 7n }];
  const disk = { state: cutting() };
  const asked: string[] = [];
  pretend.onRequest = () => asked.push(given(pretend).join());
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
  expect(asked.filter((settings) => settings.includes('retention.ms=3600000'))).toEqual([]);
  expect(disk.state.log.map(({ says }) => says).join()).toContain(
    'unread messages of group billing in orders that retention is about to delete: 7',
  );
});

test('restores the retention before a group that starts to lag during a wave loses a message', async () => {
  const pretend = withRetention();
  pretend.copySeconds = 120;
  const from = pretend.clock.monotonic() + 60;
  // Close to loss at half the retention, and later lost.
  pretend.unread = (retentionMs) =>
    pretend.clock.monotonic() > from && retentionMs <= 1_800_000
      ? [{ group: 'billing', topic: 'orders', messages: 7n }]
      : [];
  const disk = { state: cutting() };
  let restoredAt = Infinity;
  let isCut = false;
  pretend.onRequest = () => {
    if (given(pretend).includes('topic orders retention.ms=3600000')) isCut = true;
    else if (isCut) restoredAt = Math.min(restoredAt, pretend.clock.monotonic());
  };
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
  expect(restoredAt - from).toBeLessThan(20);
  expect(given(pretend)).toEqual([retained]);
});

test('restores the retention if lag cannot be read', async () => {
  const pretend = withRetention();
  pretend.copySeconds = 60;
  let readings = 0;
  pretend.unread = () => {
    readings += 1;
    if (readings > 1) throw new AppError('broker-unreachable', 'commits of broker 2 could not be read');
    return [];
  };
  const disk = { state: cutting() };
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
  expect(disk.state.log.map(({ says }) => says).join()).toContain(
    'the retention is restored before the end of the change: the lag of groups cannot be read',
  );
});

test('retries a failed restore of the retention at the next check, even if the reason for it is gone', async () => {
  const pretend = withRetention();
  pretend.copySeconds = 120;
  let readings = 0;
  pretend.unread = () => {
    readings += 1;
    if (readings === 2) throw new AppError('broker-unreachable', 'commits of broker 2 could not be read');
    return [];
  };
  const began = pretend.clock.monotonic();
  let refusals = 0;
  let restoredAt = Infinity;
  pretend.onRequest = (name) => {
    const isCut = given(pretend).includes(shortened);
    if (isCut && readings >= 2 && name === 'alterSettings' && refusals++ === 0)
      throw new AppError('broker-unreachable', 'broker 1 did not answer');
    if (!isCut && readings >= 2) restoredAt = Math.min(restoredAt, pretend.clock.monotonic());
  };
  const disk = { state: cutting() };
  expect((await carry(pretend, disk)).outcome.kind).toBe('done');
  expect(refusals).toBeGreaterThan(0);
  expect(restoredAt - began).toBeLessThan(60);
  expect(logOf(disk).match(/is restored before the end of the change/g)).toHaveLength(1);
});

test('restores the retention before the next wave if a group starts to lag while hand-overs are spaced', async () => {
  const pretend = withRetention();
  pretend.growth = 5000;
  let from = Infinity;
  const isPlaced = () => pretend.replicasOf().join() !== lying.join();
  pretend.unread = (retentionMs) => (isPlaced() ? losing(retentionMs) : []);
  let restoredAt = Infinity;
  pretend.onRequest = () => {
    if (isPlaced()) from = Math.min(from, pretend.clock.monotonic());
    if (isPlaced() && !given(pretend).includes(shortened)) restoredAt = Math.min(restoredAt, pretend.clock.monotonic());
  };
  const { cutRetention } = cutting().facts;
  // 50 s between two hand-overs: each is of a quarter of the writes.
  const state = begun({ ...(cutRetention && { cutRetention }), handOvers: { waitSeconds: 1, share: 0.005 } });
  expect((await carry(pretend, { state })).outcome.kind).toBe('done');
  expect(restoredAt - from).toBeLessThan(20);
  expect(given(pretend)).toEqual([retained]);
});

/** A process that was killed when it had shortened the retention and not read it back. */
async function killedWhileCutting(): Promise<{ pretend: Pretend; disk: { state: ReassignJournal } }> {
  const pretend = withRetention();
  const disk = { state: cutting() };
  pretend.onRequest = () => {
    if (given(pretend).includes(shortened)) throw new Error('killed');
  };
  await expect(carry(pretend, disk)).rejects.toThrow('killed');
  pretend.onRequest = () => undefined;
  return { pretend, disk };
}

test.each([1, 2])(
  'after a kill while the retention is shortened, the next process restores it if check %i refuses the cut',
  async (refusing) => {
    const { pretend, disk } = await killedWhileCutting();
    let checks = 0;
    pretend.unread = () => {
      checks += 1;
      return checks < refusing ? [] : losing(0);
    };
    let shortenedMoves = 0;
    pretend.onRequest = (name) => {
      if (name === 'reassign' && given(pretend).includes(shortened)) shortenedMoves += 1;
    };
    expect((await carry(pretend, disk)).outcome.kind).toBe('done');
    expect(shortenedMoves).toBe(0);
    expect(given(pretend)).toEqual([retained]);
    expect(logOf(disk)).toContain('the retention is restored before the end of the change: unread messages of group');
    expect(logOf(disk)).not.toContain('the retention is not changed');
  },
);
