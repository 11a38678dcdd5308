import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AppError } from '../../../../core/errors.ts';
import { systemClock } from '../../../../core/clock.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal, parseJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import { MoveFacts } from '../../../../ops/offsets/move-facts.ts';
import { offsetMove } from '../../../../ops/offsets/move-steps.ts';
import { planRestore } from '../../../../ops/offsets/plan-restore.ts';
import { fakeGroupOffsets, running, stopped, type FakeGroupOffsets } from '../../../support/fake-group-offsets.ts';

const facts = (): MoveFacts => ({
  group: 'billing',
  broker: 'kafka',
  topics: [
    {
      topic: 'orders',
      isWhole: true,
      isNewGroup: false,
      targets: [20, 30, 40].map((offset, partition) => ({ partition, offset: String(offset) })),
    },
  ],
});

async function change(offsets: FakeGroupOffsets) {
  const stateFolder = await mkdtemp(join(tmpdir(), 'plimsoll-test-move-'));
  onTestFinished(() => rm(stateFolder, { recursive: true }));
  const told: string[] = [];
  let onDisk = '';
  return {
    told,
    /** Returns the journal as the next process finds it after a kill. */
    journal: () => parseJournal(JSON.parse(onDisk), MoveFacts, 'journal'),
    async carry(journal: ChangeJournal<MoveFacts>) {
      const tell = (line: string) => void told.push(line);
      const steps = offsetMove.steps(journal.facts, {
        offsets,
        cluster: 'lab',
        stateFolder,
        clock: systemClock,
        tell,
        backedUp: () => undefined,
        moved: () => undefined,
      });
      return await carryOut({
        journal,
        steps,
        clock: systemClock,
        signal: new AbortController().signal,
        tell,
        check: async () => undefined,
        save: async () => void (onDisk = JSON.stringify(journal)),
      });
    },
  };
}

const begun = () =>
  newJournal({ cluster: 'lab', change: 'offsets', subject: 'group billing', facts: facts() }, new Date());

/** The broker becomes unreachable after the first partition. */
const interrupted = () => {
  let isDown = true;
  const offsets = fakeGroupOffsets({
    onMove({ partition }) {
      if (isDown && partition === 1) throw new AppError('broker-unreachable', 'gone');
    },
  });
  return { offsets, mend: () => void (isDown = false) };
};

test('rolls a partial move back to the offsets of its backup', async () => {
  const { offsets, mend } = interrupted();
  const { carry, journal } = await change(offsets);
  await expect(carry(begun())).rejects.toThrow('1 of 3 offsets in orders were moved');
  expect(offsets.committed).toEqual([20n, 60n, 70n]);
  mend();
  const back = { ...journal(), direction: 'back' as const };
  expect(await carry(back)).toEqual({ kind: 'rolled-back' });
  expect(offsets.committed).toEqual([50n, 60n, 70n]);
  expect(back.status).toBe('rolled-back');
});

test('resumes a partial move to its original targets, without a new plan', async () => {
  const { offsets, mend } = interrupted();
  const { carry, journal } = await change(offsets);
  await expect(carry(begun())).rejects.toThrow('were moved');
  mend();
  const again = journal();
  expect(await carry(again)).toEqual({ kind: 'done' });
  expect(offsets.committed).toEqual([20n, 30n, 40n]);
  expect(again.facts.backup).toContain('offset-backups');
});

test('does not roll back a group that started in between until it is stopped', async () => {
  const offsets = fakeGroupOffsets({ presences: [stopped] });
  const { carry, journal } = await change(offsets);
  await carry(begun());
  offsets.presences = [running('not')];
  const back = () => ({ ...journal(), direction: 'back' as const, status: 'running' as const });
  await expect(carry(back())).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('billing has 1 member: till-1 at 10.0.0.7'),
  });
  expect(journal().status).toBe('running');
  offsets.presences = [stopped];
  await carry(back());
  expect(offsets.committed).toEqual([50n, 60n, 70n]);
});

test('moves nothing while the offsets to back up are unknown', async () => {
  const offsets = fakeGroupOffsets({
    // RocketMQ shows the queues of a broker without a master like this.
    positions: async () => [0, 1, 2].map((partition) => ({ topic: 'orders', partition, brokerName: 'broker-b' })),
  });
  const state = begun();
  const [topic] = state.facts.topics;
  for (const target of topic?.targets ?? []) target.brokerName = 'broker-b';
  const { carry } = await change(offsets);
  await expect(carry(state)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining('orders broker-b:0, orders broker-b:1, orders broker-b:2') as string,
  });
  expect([offsets.moves, state.facts.backup]).toEqual([0, undefined]);
});

/** States of the topic after the move stopped midway. */
const afterwards = [
  { what: 'deleted', left: undefined, resumed: [20n, 60n, 70n], restored: [20n, 60n, 70n], deleted: '0, 1, 2' },
  { what: 're-created with fewer partitions', left: 1, resumed: [20n], restored: [50n], deleted: '1, 2' },
];

describe.for(afterwards)(
  'a topic that was $what while its move was stopped',
  ({ left, resumed, restored, deleted }) => {
    const expected = {
      forward: { arrival: 'done', committed: resumed },
      back: { arrival: 'rolled-back', committed: restored },
    };
    test.for(['forward', 'back'] as const)('the move can end: %s', async (direction) => {
      const { offsets, mend } = interrupted();
      const { carry, journal, told } = await change(offsets);
      await expect(carry(begun())).rejects.toThrow('were moved');
      mend();
      if (left === undefined) {
        offsets.positions = async () => undefined;
        offsets.onMove = () => {
          throw new AppError('broker-refused', 'UNKNOWN_TOPIC_OR_PARTITION');
        };
      } else offsets.committed.splice(left);
      expect(await carry({ ...journal(), direction })).toEqual({ kind: expected[direction].arrival });
      expect(offsets.committed).toEqual(expected[direction].committed);
      expect(told.join('\n')).toContain(`partitions of orders that were deleted meanwhile: ${deleted}`);
    });
  },
);

test('a queue that RocketMQ does not list while its broker has no master does not count as deleted', async () => {
  const { offsets, mend } = interrupted();
  const { carry, journal } = await change(offsets);
  await expect(carry(begun())).rejects.toThrow('were moved');
  mend();
  offsets.committed.splice(1);
  offsets.deleted = async () => [];
  await expect(carry({ ...journal(), direction: 'back' })).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('Unknown for 1 (no leader reports its first and last offset now)') as string,
  });
});

test('refuses to restore a backup into a topic that the cluster does not have', async () => {
  const positions = [{ topic: 'refunds', partition: 0, committed: '5' }];
  const { signal } = new AbortController();
  await expect(planRestore(fakeGroupOffsets(), { group: 'billing', positions }, { signal })).rejects.toMatchObject({
    code: 'not-found',
  });
});
