import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openKafkaAdministration } from '../../../../../brokers/kafka/changes/kafka-administration.ts';
import { KafkaClusterConfig } from '../../../../../brokers/kafka/config.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { carryOut, type Arrival } from '../../../../../ops/change/carry-out.ts';
import { newJournal, parseJournal, type ChangeJournal } from '../../../../../ops/change/journal.ts';
import { deleteGroup, DeleteGroupFacts, planDeleteGroup } from '../../../../../ops/kafka/groups/delete-group.ts';
import { fakeGroupOffsets, running, stopped } from '../../../../support/fake-group-offsets.ts';

const group = 'billing';
const io = { signal: new AbortController().signal };

/** A coordinator refuses to delete a group that has members, and to commit for it. */
async function change({ topic }: { topic?: string } = {}) {
  const stateFolder = await mkdtemp(join(tmpdir(), 'plimsoll-test-delete-group-'));
  onTestFinished(() => rm(stateFolder, { recursive: true }));
  const isRunning = () => offsets.presences[0]?.kind === 'running';
  const offsets = fakeGroupOffsets({
    onMove() {
      if (isRunning()) throw new AppError('change-refused', 'group billing was started meanwhile');
    },
    topics: async () => (offsets.committed.some((each) => each !== undefined) ? ['orders'] : []),
  });
  const deletions: string[] = [];
  function remove(what: string, partitions: readonly number[]) {
    if (isRunning()) throw new AppError('change-refused', `cannot ${what}: it has members now (NON_EMPTY_GROUP)`);
    deletions.push(what);
    for (const partition of partitions) offsets.committed[partition] = undefined;
  }
  const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] });
  const admin = {
    ...openKafkaAdministration('lab', config),
    deleteGroup: async () => remove('delete group billing', [0, 1, 2]),
    deleteOffsets: async (_group: string, _topic: string, partitions: readonly number[]) =>
      remove('delete the offsets of group billing in orders', partitions),
  };
  const clock = { ...systemClock, sleep: async () => undefined };
  const tools = { admin, offsets, cluster: 'lab', clusterArgs: '', stateFolder, clock };
  const { facts } = await planDeleteGroup(tools, { group, ...(topic !== undefined && { topic }) }, io);
  let onDisk = JSON.stringify(
    newJournal({ cluster: 'lab', change: 'delete-group', subject: group, facts }, clock.now()),
  );
  /** The journal as a resuming process reads it. */
  const journal = () => parseJournal(JSON.parse(onDisk), DeleteGroupFacts, 'journal');
  const told: string[] = [];
  async function carry(direction: ChangeJournal['direction'] = 'forward'): Promise<Arrival> {
    const state = { ...journal(), direction };
    return await carryOut(
      {
        journal: state,
        steps: deleteGroup.steps(state.facts, tools),
        clock,
        ...io,
        tell: (line) => void told.push(line),
        check: async () => undefined,
        save: async () => void (onDisk = JSON.stringify(state)),
      },
      seconds(60),
    );
  }
  async function backedUp() {
    const { backup = '' } = journal().facts;
    const { positions } = JSON.parse(await readFile(backup, 'utf8')) as { positions: { committed?: string }[] };
    return positions.map(({ committed }) => committed);
  }
  /** Starts a member after the plan, which continues to read. */
  const startGroup = () => void (offsets.presences = [running('not')]);
  const stopGroup = (committed: bigint[]) => {
    offsets.presences = [stopped];
    offsets.committed = committed;
  };
  return { offsets, deletions, told, carry, journal, backedUp, startGroup, stopGroup };
}

test('a rollback of a deletion restores the deleted offsets', async () => {
  const { offsets, carry } = await change();
  expect(await carry()).toEqual({ kind: 'done' });
  expect(offsets.committed).toEqual([undefined, undefined, undefined]);
  await carry('back');
  expect(offsets.committed).toEqual([50n, 60n, 70n]);
});

test('a deletion refused because the group had started is rolled back without a commit, while the group runs and later', async () => {
  const { offsets, carry, journal, startGroup, stopGroup } = await change();
  startGroup();
  await expect(carry()).rejects.toThrow('it has members now (NON_EMPTY_GROUP)');
  expect(journal().status).toBe('running');
  await carry('back');
  expect([journal().status, offsets.moves]).toEqual(['rolled-back', 0]);
  stopGroup([90n, 91n, 92n]);
  await carry('back');
  expect(offsets.committed).toEqual([90n, 91n, 92n]);
});

test.each([{ topic: undefined }, { topic: 'orders' }])(
  'a deletion resumed hours after its refusal backs up the commits made since (topic: $topic)',
  async ({ topic }) => {
    const { offsets, deletions, told, carry, backedUp, startGroup, stopGroup } = await change({
      ...(topic !== undefined && { topic }),
    });
    startGroup();
    await expect(carry()).rejects.toThrow('NON_EMPTY_GROUP');
    expect(await backedUp()).toEqual(['50', '60', '70']);
    stopGroup([90n, 91n, 92n]);
    expect(await carry()).toEqual({ kind: 'done' });
    expect(deletions).toHaveLength(1);
    expect(told.join('\n')).toContain('group billing has committed since its offsets were backed up');
    expect(await backedUp()).toEqual(['90', '91', '92']);
    await carry('back');
    expect(offsets.committed).toEqual([90n, 91n, 92n]);
  },
);

test('writes the new backup to the journal before anything is deleted', async () => {
  const { offsets, deletions, carry, journal, startGroup, stopGroup } = await change();
  startGroup();
  await expect(carry()).rejects.toThrow('NON_EMPTY_GROUP');
  stopGroup([90n, 91n, 92n]);
  const positions = offsets.positions;
  let journaled: string | undefined;
  offsets.positions = async (...of) => {
    journaled = deletions.length === 0 ? journal().facts.topics[0]?.offsets[0]?.offset : journaled;
    return await positions(...of);
  };
  await carry();
  expect(journaled).toBe('90');
});

test('a rollback keeps offsets that the group committed after its deletion', async () => {
  const { offsets, told, carry } = await change();
  await carry();
  offsets.committed = [undefined, 61n, undefined];
  await carry('back');
  expect(offsets.committed).toEqual([50n, 61n, 70n]);
  expect(told).toContain('  orders: partitions committed again: 2; partitions with a commit, which is kept: 1');
});
