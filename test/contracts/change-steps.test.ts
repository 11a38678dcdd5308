// Walks the steps of every kind of change: each declares its undo, or the reason why it has none.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { KafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { takeTurns } from '../../app/ab-test/drive-turns.ts';
import type { RunningSetting } from '../../app/ab-test/running-setting.ts';
import { systemClock } from '../../core/clock.ts';
import { seconds } from '../../core/units.ts';
import { changesNothing, undoText, type Step } from '../../ops/change/step.ts';
import { moveReplicas } from '../../ops/kafka/execute/carry-out.ts';
import type { Run } from '../../ops/kafka/execute/run.ts';
import { undoSteps } from '../../ops/kafka/execute/visible-change.ts';
import { partitionSteps } from '../../ops/kafka/partitions/partition-steps.ts';
import { moveSteps } from '../../ops/offsets/move-steps.ts';
import { drillSteps } from '../../ops/rocketmq/drill/drill-steps.ts';
import { nameServers } from '../../ops/rocketmq/name-servers/name-servers.ts';
import { queues } from '../../ops/rocketmq/queues/queues.ts';
import { resendSteps } from '../../ops/resend/resend-steps.ts';
import { scaleIn } from '../../ops/rocketmq/scale-in/scale-in.ts';
import { scaleOut } from '../../ops/rocketmq/scale-out/scale-out.ts';
import { switchOver } from '../../ops/rocketmq/switch/switch.ts';
import { fakeCluster } from '../support/fake-change-desk.ts';
import { fakeGroupOffsets } from '../support/fake-group-offsets.ts';
import { storedTopics } from '../support/stored-topics.ts';
import { reassignJournal } from '../support/reassign-journal.ts';
import { productFiles } from '../support/source-files.ts';

const { desk } = fakeCluster({});
const tools = { desk, clock: systemClock };
const closed = { brokerName: 'broker-b', topics: ['orders'], names: [], quietSeconds: 60 };
const members = [{ brokerId: 0, address: 'b:1', permission: 6 }];
const queuesFacts = (to: number) => ({
  topic: 'orders',
  to,
  brokers: [{ brokerName: 'broker-b', address: 'b:1', readQueues: 4, writeQueues: 4 }],
  quietSeconds: 60,
  settleSeconds: 50,
  ignoredGroups: [],
  giveUpReplay: false,
  hasReaders: true,
});
const serversFacts = { others: [], brokers: [], topics: [], longestSeconds: 120 };
const placed = [{ topic: 'orders', partition: 0, replicas: [1, 2] }];
const trial = {
  facts: { parameter: 'num.io.threads', a: '8', b: '16', out: 'runs/worth' },
  setting: {} as RunningSetting,
  turns: [],
  drive: async () => undefined,
};

const kinds: Readonly<Record<string, readonly Step<object>[]>> = {
  'scale-in': scaleIn.steps({ ...closed, members, delaySeconds: [], ignoredGroups: [], giveUpReplay: false }, tools),
  'scale-out': scaleOut.steps(
    {
      brokerName: 'broker-c',
      like: 'broker-b',
      groups: [],
      topics: [],
      acceptDrift: false,
      settleSeconds: 50,
      watchSeconds: 60,
    },
    tools,
  ),
  'more queues': queues.steps(queuesFacts(8), tools),
  'fewer queues': queues.steps(queuesFacts(2), tools),
  'a name server replaced': nameServers.steps({ ...serversFacts, add: 'c:9876', remove: 'a:9876' }, tools),
  switch: switchOver.steps(
    { ...closed, members, master: 'b:1', slave: 'b:2', slaveId: 1, role: 'ASYNC_MASTER' },
    tools,
  ),
  drill: drillSteps(
    { brokerName: 'broker-a', members: ['a:1', 'b:1'], topic: 'plimsoll-drill-1' },
    {
      ...tools,
      traffic: { producer: () => Promise.reject(new Error('nothing is sent')) },
      admin: { deleteTopic: async () => undefined },
      tell: () => undefined,
      patience: seconds(1),
    },
  ),
  reassign: [moveReplicas({ state: reassignJournal({ original: placed, target: placed }), clock: systemClock } as Run)],
  'reassign --abort without a journal': undoSteps(
    {} as KafkaChanges,
    { moving: [], throttles: [], retentions: [] },
    systemClock,
  ),
  partitions: partitionSteps({} as KafkaChanges, { topic: 'orders', count: 8, assignments: [] }, systemClock, () => {}),
  'ab-test': [takeTurns(trial, {} as Parameters<typeof takeTurns>[1], async () => [])],
  resend: resendSteps(
    {
      id: '0123456789ab',
      broker: 'kafka',
      topic: 'orders.DLT',
      toOrigin: true,
      deadLetterTopics: {},
      targets: ['orders'],
      perSecond: 100,
      messages: [{ partition: 0, offsets: ['17'] }],
      sent: '',
    },
    {
      ...storedTopics({}),
      clock: systemClock,
      check: async () => undefined,
      tell: () => undefined,
      decided: { skip: [], sendAgain: [] },
    },
  ),
  offsets: moveSteps(
    {
      group: 'billing',
      broker: 'kafka',
      topics: [{ topic: 'orders', isWhole: true, isNewGroup: false, targets: [{ partition: 0, offset: '0' }] }],
    },
    {
      offsets: fakeGroupOffsets(),
      cluster: 'lab',
      stateFolder: '',
      clock: systemClock,
      tell: () => undefined,
      backedUp: () => undefined,
      moved: () => undefined,
    },
  ),
};

test.each(Object.entries(kinds))('each step of %s declares its undo, or why it has none', (_, steps) => {
  expect(steps.length).toBeGreaterThan(0);
  for (const { id, undo } of steps) expect(undoText(undo), id).toMatch(/^(?!none: $).{8,}/);
});

test('only who watches changes nothing', () => {
  const watching = Object.values(kinds)
    .flat()
    .filter(({ undo }) => undo === changesNothing)
    .map(({ id }) => id);
  expect([...new Set(watching)].filter((id) => !/^(see-|let-settle$|await-|back-up$)/.test(id))).toEqual([]);
});

test('no step of the product is left out here', () => {
  const known = new Set(Object.values(kinds).flatMap((steps) => steps.map(({ id }) => id)));
  const defined = productFiles().flatMap(({ url }) =>
    [...readFileSync(url, 'utf8').matchAll(/\bid: '([\w-]+)',\s+by: '(?:plimsoll|operator)'/g)].map(
      ([, id = '']) => id,
    ),
  );
  expect(defined.length).toBeGreaterThan(20);
  expect(defined.filter((id) => !known.has(id) && !known.has(`${id}-of-both`))).toEqual([]);
});
