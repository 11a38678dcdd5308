// Checks that changes of RocketMQ's members work with exactly the documented permissions, and that the error names a missing one.

import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { changesOf, type ChangeRun } from '../../support/change-commands.ts';
import { changedCluster } from '../../support/changed-cluster.ts';
import { giveRole } from '../../support/give-role.ts';
import { sendOutdated } from '../../support/outdated-sender.ts';
import type { Exercised } from '../../support/permission-exercises.ts';
import { permissionRows, type ChangeOfMembers, type PermissionRow } from '../../support/permission-rows.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { restrictedRocketmq, type RestrictedRocketmq } from '../../support/restricted-rocketmq.ts';
import { undertakerOf } from '../../support/revive.ts';
import type { RocketmqRequest } from '../../support/rocketmq.ts';
import { pidOf } from '../../support/watched-rocketmq.ts';

type Row = PermissionRow<ChangeOfMembers>;

const group = 'billing';
const patience = 240_000;

/** The row with all permissions is last, because it may remove a member permanently. */
const rowsOf = (feature: ChangeOfMembers): Row[] => permissionRows(feature, { group }).toReversed();

interface Exercise {
  rocketmq: RestrictedRocketmq;
  row: Row;
  /** Commands as the restricted user. */
  changes: ReturnType<typeof changesOf>;
  /** Creates topics as the super user, on every master or on those named. */
  define(...brokers: string[]): Promise<void>;
  defineRetries(): Promise<void>;
}

const textOf = ({ document, stderr }: ChangeRun) => `${JSON.stringify(document)}\n${stderr}`;
const isDone = ({ exitCode, document }: ChangeRun) => exitCode === 0 && document.status === 'done';

/** Rolls back, as the same user, a change that a row without a permission has started. */
async function rolledBack(run: ChangeRun, back: () => Promise<ChangeRun>): Promise<Exercised> {
  const { exitCode, document } = await back();
  return { isWhole: false, text: `${textOf(run)}\n${exitCode} ${JSON.stringify(document)}` };
}

async function exerciseScaleOut({ changes, define }: Exercise): Promise<Exercised> {
  await define('broker-a');
  const words = ['--broker', 'broker-b'];
  const quickly = ['--accept-drift', '--settle', '1s', '--watch', '2s', '--wait', '20s'];
  const run = await changes.run('scale-out', ...words, ...quickly, '--execute');
  if (!isDone(run)) return rolledBack(run, () => changes.run('scale-out', ...words, '--abort'));
  return { isWhole: true, text: textOf(run) };
}

/** Waits while a sending client delays the change, then until only the operator does. */
async function untilStop(
  { rocketmq, row, changes, define }: Exercise,
  change: 'scale-in' | 'switch',
  { words, address, more }: { words: readonly string[]; address: string; more: readonly string[] },
): Promise<ChangeRun> {
  await define();
  await using sending = sendOutdated(rocketmq.open, { address, topic: row.topic });
  void sending;
  return await changes.run(change, ...words, '--quiet', '2s', ...more, '--execute', '--wait', '6s');
}

async function exerciseScaleIn(exercise: Exercise): Promise<Exercised> {
  const { rocketmq, changes } = exercise;
  const words = ['--broker', 'broker-b'];
  const address = rocketmq.brokers.find(({ id }) => id === 'broker-b:0')?.address ?? '';
  const held = await untilStop(exercise, 'scale-in', { words, address, more: ['--give-up-replay'] });
  if (!textOf(held).includes(`still sends: ${exercise.row.topic}`)) {
    return rolledBack(held, () => changes.run('scale-in', ...words, '--abort'));
  }
  const leaving = undertakerOf(pidOf(rocketmq, 'broker-2'));
  const stop = [/still answers: stop it/, () => leaving.end('SIGTERM')] as const;
  const run = await changes.runUntil([stop], 'scale-in', [...words, '--resume', '--wait', '100s']);
  return { isWhole: isDone(run), text: textOf(run) };
}

async function exerciseNameServers({ rocketmq, changes }: Exercise): Promise<Exercised> {
  const [, leaving = ''] = rocketmq.namesrv;
  const server = undertakerOf(pidOf(rocketmq, 'nameserver-2'));
  const stop = [/still answers: stop it/, () => server.end('SIGTERM')] as const;
  const waiting = ['--execute', '--wait', '100s'];
  const gone = await changes.runUntil([stop], 'name-servers', ['--remove', leaving, ...waiting]);
  server.revive();
  const come = await changes.run('name-servers', '--add', leaving, ...waiting);
  return { isWhole: isDone(gone) && isDone(come), text: textOf(gone) + textOf(come) };
}

async function exerciseSwitch(exercise: Exercise): Promise<Exercised> {
  const { rocketmq, changes } = exercise;
  const words = ['--broker', 'broker-a'];
  await exercise.defineRetries();
  const [master = ''] = rocketmq.brokers.map(({ address }) => address);
  const held = await untilStop(exercise, 'switch', { words, address: master, more: [] });
  if (!textOf(held).includes(`still sends: ${exercise.row.topic}`)) {
    return rolledBack(held, () => changes.run('switch', ...words, '--abort'));
  }
  const [masterNow, slaveNow] = ['broker-1', 'broker-2'].map((name) => undertakerOf(pidOf(rocketmq, name)));
  const acts = [
    [/still answers: stop it/, async () => masterNow?.end('SIGTERM')],
    [
      /step \d of \d, start-as-master/,
      async () => {
        await slaveNow?.end('SIGTERM');
        giveRole(rocketmq.home, 'broker-2', 0, 'ASYNC_MASTER');
        slaveNow?.revive();
      },
    ],
    [
      /step \d of \d, start-as-slave/,
      async () => {
        giveRole(rocketmq.home, 'broker-1', 1, 'SLAVE');
        masterNow?.revive();
      },
    ],
  ] as const;
  const run = await changes.runUntil(acts, 'switch', [...words, '--resume', '--wait', '120s']);
  return { isWhole: isDone(run), text: textOf(run) };
}

async function exerciseDrill({ rocketmq, row, changes }: Exercise): Promise<Exercised> {
  const words = ['--broker', 'broker-a'];
  const executing = [...words, '--execute', '--wait', '120s'];
  if (row.missing?.action === 'DELETE') {
    await changes.killWhen(/operator: stop the leader/, 'drill', ...executing);
    return { isWhole: false, text: textOf(await changes.run('drill', ...words, '--abort')) };
  }
  if (row.missing !== undefined) return { isWhole: false, text: textOf(await changes.run('drill', ...executing)) };
  const leader = undertakerOf(rocketmq.brokers.find(({ id }) => id === 'broker-a:0')?.pid ?? Number.NaN);
  const run = await changes.runUntil(
    [
      [/operator: stop the leader/, () => leader.end('SIGKILL')],
      [/operator: start the stopped member/, async () => leader.revive()],
    ],
    'drill',
    executing,
  );
  return { isWhole: run.exitCode === 0, text: textOf(run) };
}

const exercises: Record<ChangeOfMembers, (exercise: Exercise) => Promise<Exercised>> = {
  scaleOut: exerciseScaleOut,
  scaleIn: exerciseScaleIn,
  nameServers: exerciseNameServers,
  switch: exerciseSwitch,
  drill: exerciseDrill,
};

function describeChanges(request: RocketmqRequest, features: readonly ChangeOfMembers[]): void {
  const rows = features.flatMap(rowsOf);
  requires('java', 'maven').describe(
    `${features.join(', ')} with exactly the documented permissions, RocketMQ 5.3.3`,
    () => {
      let rocketmq: RestrictedRocketmq;

      beforeAll(async () => {
        rocketmq = await restrictedRocketmq({ version: '5.3.3', ...request }, rows);
      }, patience);
      afterAll(() => rocketmq[Symbol.asyncDispose]());

      test.each(rows)(
        '$title',
        async (row) => {
          await using cluster = changedCluster({ config: rocketmq.open });
          const place = { configPath: await rocketmq.writeConfig(row), home: join(rocketmq.folder, row.name) };
          const changes = changesOf({ ...place, config: rocketmq.open });
          const define = (...brokers: string[]) => cluster.define(row.topic, [group], 1, brokers);
          const defineRetries = () => cluster.define(`%RETRY%${group}`, [], 1);
          const exercise = { rocketmq, row, changes, define, defineRetries };
          const { isWhole, text } = await exercises[row.feature](exercise);
          expect(isWhole, text).toBe(row.missing === undefined);
          if (row.missing !== undefined) {
            expect(text).toContain(`needs ${row.missing.action} on ${row.missing.resource} `);
          }
        },
        patience,
      );
    },
  );
}

if (fullMatrix) {
  const properties = { updateNameServerAddrPeriod: '5000' };
  describeChanges({ mode: 'two-masters', nameServers: 2, properties }, ['scaleOut', 'nameServers', 'scaleIn']);
  describeChanges({ mode: 'master-slave' }, ['switch']);
  describeChanges({ mode: 'dledger' }, ['drill']);
}
