// Kills changes before and after each write to the cluster and to their journal, and continues from the state on disk.

import { expect, test } from 'vitest';
import type { z } from 'zod';
import { carryRedline } from '../../../../app/redline/carry-redline.ts';
import type { RedlineDrive } from '../../../../app/redline/drive-redline.ts';
import type { KafkaChanges } from '../../../../brokers/kafka/changes/kafka-changes.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { seconds } from '../../../../core/clock.ts';
import { carryOut, type Arrival } from '../../../../ops/change/carry-out.ts';
import { newJournal, parseJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import { planMasters } from '../../../../ops/instances/close-master.ts';
import { done, type Step } from '../../../../ops/change/step.ts';
import { InstanceFacts } from '../../../../ops/instances/facts.ts';
import { instanceChanges } from '../../../../ops/instances/instance-changes.ts';
import { kafkaRedline } from '../../../../ops/kafka/redline/kafka-redline.ts';
import { takeLeadership } from '../../../../ops/kafka/redline/lead.ts';
import { RedlineFacts } from '../../../../ops/redline/redline-change.ts';
import type { RedlineTools } from '../../../../ops/redline/redline-driver.ts';
import { QueuesFacts } from '../../../../ops/rocketmq/queues/facts.ts';
import { planQueues } from '../../../../ops/rocketmq/queues/plan-queues.ts';
import { queues } from '../../../../ops/rocketmq/queues/queues.ts';
import { raiseQueues } from '../../../../ops/rocketmq/redline/queue-layout.ts';
import { rocketmqRedline } from '../../../../ops/rocketmq/redline/rocketmq-redline.ts';
import { fakeBroker, fakeCluster } from '../../../support/fake-change-desk.ts';
import { fakeLeaders } from '../../../support/fake-leaders.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { instanceToolsWith, thisHost } from '../../../support/instance-tools.ts';

interface Process<Facts extends object> {
  journal: ChangeJournal<Facts>;
  save(): Promise<void>;
  clock: ReturnType<typeof createHandClock>;
  /** True for the process that started the change: only this one raises the load of a redline. */
  isFirst: boolean;
}

interface World<Facts extends object> {
  schema: z.ZodType<Facts>;
  facts: Facts;
  /** Returns the current state that the change may alter. */
  state(): unknown;
  /** Calls `write` before and after each request that changes the cluster. */
  spy(write: () => void): void;
  carry(process: Process<Facts>): Promise<Arrival>;
}

/** @returns the state on disk when the process ends, and how it ended */
async function live<Facts extends object>(
  world: World<Facts>,
  found: ChangeJournal<Facts>,
  { killAt = 0, isFirst = true }: { killAt?: number; isFirst?: boolean } = {},
) {
  const journal = structuredClone(found);
  let disk: unknown;
  let writes = 0;
  let isDead = false;
  const write = () => {
    writes += 1;
    isDead ||= writes === killAt;
    if (isDead) throw new Error('killed');
  };
  world.spy(write);
  const process = {
    journal,
    clock: createHandClock(),
    isFirst,
    async save() {
      write();
      disk = JSON.parse(JSON.stringify(journal)) as unknown;
      write();
    },
  };
  const arrival = await world.carry(process).catch((cause: unknown) => {
    if (isDead) return undefined;
    throw cause;
  });
  world.spy(() => {});
  return { arrival, disk: disk === undefined ? undefined : parseJournal(disk, world.schema, 'journal.json') };
}

/** Kills at the first write, at the second, and so on. @returns the number of kills */
async function killEverywhere<Facts extends object>(make: () => Promise<World<Facts>>, done: unknown): Promise<number> {
  for (let killAt = 1; ; killAt += 1) {
    for (const direction of ['forward', 'back'] as const) {
      const world = await make();
      const before = world.state();
      const named = { cluster: 'orders', change: 'redline', subject: 'orders' };
      // The journal is on disk before anything is done.
      const begun = newJournal({ ...named, facts: world.facts }, new Date(0));
      const first = await live(world, begun, { killAt });
      if (first.arrival !== undefined) return killAt - 1;
      const found = Object.assign(first.disk ?? begun, { direction });
      const { arrival } = await live(world, found, { isFirst: false });
      const expected = direction === 'back' ? { kind: 'rolled-back', state: before } : { kind: 'done', state: done };
      expect({ kind: arrival?.kind, state: world.state() }, `kill ${killAt}, then ${direction}`).toEqual(expected);
    }
  }
}

/** Kills a change at every write, then its rollback at every second one, and then lets it end, one way or the other. @returns the number of pairs of kills */
async function killTwiceEverywhere<Facts extends object>(make: () => Promise<World<Facts>>, done: unknown) {
  let pairs = 0;
  for (let killAt = 1; ; killAt += 1) {
    for (let killBackAt = 1 + (killAt % 2); ; killBackAt += 2) {
      const world = await make();
      const begun = newJournal({ cluster: 'orders', change: 'x', subject: 'orders', facts: world.facts }, new Date(0));
      const first = await live(world, begun, { killAt });
      if (first.arrival !== undefined) return pairs;
      const back = Object.assign(first.disk ?? begun, { direction: 'back' as const });
      const second = await live(world, back, { killAt: killBackAt });
      if (second.arrival !== undefined) break;
      pairs += 1;
      const direction = pairs % 2 === 0 ? 'back' : 'forward';
      const { arrival } = await live(world, Object.assign(second.disk ?? back, { direction }));
      const where = `kill ${killAt}, then kill ${killBackAt} of the rollback, then ${direction}`;
      const kind = direction === 'back' ? 'rolled-back' : 'done';
      expect({ ...arrival, state: world.state() }, where).toEqual({ kind, state: done });
    }
  }
}

const wait = seconds(10_000);
const signal = new AbortController().signal;
const nothing = { check: async () => {}, tell: () => {} };
const unguarded = { ...nothing, request: async () => undefined, signal };

/** Two masters, whose requests are watched. */
function masters() {
  const cluster = fakeCluster({ 'a:1': fakeBroker('a'), 'b:1': fakeBroker('b') });
  let write = () => {};
  const { defineTopic, set } = cluster.desk;
  cluster.desk.defineTopic = async (...request) => {
    write();
    await defineTopic(...request);
    write();
  };
  cluster.desk.set = async (...request) => {
    write();
    await set(...request);
    write();
  };
  const each = [...cluster.brokers.values()];
  return {
    desk: cluster.desk,
    spy: (next: () => void) => void (write = next),
    queues: () => each.map(({ topics }) => [topics.get('orders')?.readQueues, topics.get('orders')?.writeQueues]),
    permissions: () => each.map(({ settings }) => settings.get('brokerPermission')),
    each,
  };
}

async function queueChange(to: number): Promise<World<QueuesFacts>> {
  const { desk, spy, queues: state } = masters();
  const spec = { topic: 'orders', to, brokers: [], quietSeconds: 10, settleSeconds: 50, ignoredGroups: [] };
  const asked = { ...spec, giveUpReplay: true, acceptKeyMoves: true };
  const { facts } = await planQueues(desk, asked, new Date(0), { signal });
  return {
    schema: QueuesFacts,
    facts,
    state,
    spy,
    carry({ journal, save, clock }) {
      const steps = queues.steps(journal.facts, { desk, clock });
      return carryOut({ ...nothing, journal, steps, save, clock, signal }, wait);
    },
  };
}

test.each([
  [
    'grows',
    4,
    [
      [4, 4],
      [4, 4],
    ],
  ],
  [
    'shrinks',
    1,
    [
      [1, 1],
      [1, 1],
    ],
  ],
])('a topic that %s ends with either its new or its former queues', async (_, to, done) => {
  expect(await killEverywhere(() => queueChange(to), done)).toBeGreaterThan(15);
});

/**
 * The supervisor, with the files of the program, acts on the fake broker.
 *
 * @param stopped state of the program while it is stopped
 */
async function changedMaster(
  action: 'roll' | 'upgrade' | 'reconfigure',
  stopped = 'STOPPED',
): Promise<World<InstanceFacts>> {
  const { desk, spy, permissions, each } = masters();
  const [, broker = fakeBroker('b')] = each;
  const openStops: string[] = [];
  let isKnown = true;
  const power = async (isUp: boolean): Promise<[]> => {
    if (!isUp && broker.isUp && broker.settings.get('brokerPermission') === '6') openStops.push('stopped while open');
    broker.isUp = isUp;
    return [];
  };
  async function supervisor(word = ''): Promise<string> {
    if (word === 'reread') return '';
    if (!isKnown && word !== 'add') return 'b: ERROR (no such process)';
    if (word === 'remove' && broker.isUp) return 'ERROR: process/group still running: b';
    if (word === 'remove' || word === 'add') isKnown = word === 'add';
    if (word === 'remove') return 'b: removed process group';
    if (word === 'status') return `b ${broker.isUp ? 'RUNNING' : stopped}`;
    await power(word !== 'stop');
    return word === 'add' ? 'b: added process group' : `b: ${word === 'stop' ? 'stopped' : 'started'}`;
  }
  const run = async (program: string, words: readonly string[]) => {
    // Its former settings, kept when it was closed, are restored.
    if (program === 'rm') broker.settings.set('brokerPermission', '4');
    const stdout = program === 'supervisorctl' ? await supervisor(words[0]) : '';
    return { exitCode: 0, stdout, stderr: '' };
  };
  const of = { cluster: 'orders', host: 'mq-1', role: 'rocketmq-master', broker: 'b:0' };
  const install = { distribution: 'rocketmq', home: '/srv/b' };
  const target = DesiredInstance.parse({ ...of, supervisord: { program: 'b' }, install });
  const acts: Record<string, Partial<Step<InstanceFacts>>> = {
    'stop-b': {
      run: async () => done(await power(false)),
      undo: { description: 'start b', zh: 'b', run: () => power(true) },
    },
    'replace-files-b': {
      async run() {
        broker.settings.set('brokerPermission', '6');
        return done();
      },
    },
    'reload-b': {},
    'start-b': {},
  };
  const order = [{ name: 'b', target, wasRunning: true }];
  const { masters: closed } = await planMasters(order, desk, { signal });
  const replaced = { b: [{ path: '/etc/supervisor/b.conf', isNew: true }] };
  return {
    schema: InstanceFacts,
    facts: { action, order, marks: {}, masters: closed, install: { archives: {}, copies: [], files: {}, replaced } },
    state: () => [...permissions(), broker.isUp, ...openStops],
    spy,
    carry({ journal, save, clock }) {
      const tools = instanceToolsWith({ desk, clock, hostOf: (name) => thisHost(name, run) });
      const steps = instanceChanges[action].steps(journal.facts, tools).flatMap((step): Step<InstanceFacts>[] => {
        if (/^(close-writes|see-closed|see-quiet|open-writes)/.test(step.id)) return [step];
        const act = acts[step.id];
        return act === undefined ? [] : [{ ...step, ...act }];
      });
      return carryOut({ ...nothing, journal, steps, save, clock, signal }, wait);
    },
  };
}

const openAgain = ['6', '6', true];

test.each(['roll', 'upgrade', 'reconfigure'] as const)(
  'a master that %s closed accepts messages again, and is never stopped while it does',
  async (action) => {
    expect(await killEverywhere(() => changedMaster(action), openAgain)).toBeGreaterThan(8);
  },
);

test.each([
  ['roll', 'STOPPED'],
  ['upgrade', 'STOPPED'],
  ['reconfigure', 'STOPPED'],
  // The JVM ends with exit code 143.
  ['roll', 'EXITED'],
] as const)(
  '%s: killed, also in its rollback, it continues or rolls back, and stops no master that accepts messages (%s)',
  async (action, stopped) => {
    expect(await killTwiceEverywhere(() => changedMaster(action, stopped), openAgain)).toBeGreaterThan(100);
  },
);

const redlineFacts = { bundle: '/runs/redline', stepShare: 0.05, holdSeconds: 60, maxMoves: 10 };
const view = { tell: () => {}, progress: () => {}, clear: () => {} };
const raising = (raise: (tools: RedlineTools) => Promise<void>): RedlineDrive => ({
  async raise(tools) {
    await raise(tools);
    return { stop: { code: 'budget', message: 'the budget is used up' }, moves: 2 };
  },
  [Symbol.asyncDispose]: async () => {},
});

async function redlineOfQueues(): Promise<World<RedlineFacts>> {
  const { desk, spy, queues: state } = masters();
  const original = [{ topic: 'orders', brokerName: 'a', address: 'a:1', readQueues: 2, writeQueues: 2 }];
  return {
    schema: RedlineFacts,
    facts: { ...redlineFacts, broker: 'a', original },
    state,
    spy,
    carry({ journal, save, clock, isFirst }) {
      const driver = rocketmqRedline(desk, { broker: 'a', clock, ignoredGroups: [] });
      const drive = raising(async (tools) => {
        await raiseQueues({ ...tools, desk }, 'a', [{ topic: 'orders', from: 2, to: 3 }]);
        await raiseQueues({ ...tools, desk }, 'a', [{ topic: 'orders', from: 3, to: 4 }]);
      });
      const held = { ...unguarded, journal, save, clock };
      return carryRedline({ kind: 'rocketmq', driver, view }, held, isFirst ? drive : undefined);
    },
  };
}

test('a redline of RocketMQ restores the queues of every topic', async () => {
  expect(
    await killEverywhere(redlineOfQueues, [
      [2, 2],
      [2, 2],
    ]),
  ).toBeGreaterThan(15);
});

async function redlineOfLeaders(): Promise<World<RedlineFacts>> {
  // The leader of the second partition is not the preferred one.
  const original = [
    { topic: 'orders', partition: 0, replicas: [2, 3, 1], leader: 2 },
    { topic: 'orders', partition: 1, replicas: [2, 3, 1], leader: 3 },
    { topic: 'orders', partition: 2, replicas: [3, 1, 2], leader: 3 },
  ];
  const fake = fakeLeaders(original);
  let write = () => {};
  const watched =
    <Request extends unknown[], Answer>(ask: (...request: Request) => Promise<Answer>) =>
    async (...request: Request): Promise<Answer> => {
      write();
      const answer = await ask(...request);
      write();
      return answer;
    };
  const changes = {
    ...fake.changes,
    reassign: watched(fake.changes.reassign),
    electPreferred: watched(fake.changes.electPreferred),
  } as unknown as KafkaChanges;
  return {
    schema: RedlineFacts,
    facts: { ...redlineFacts, broker: '1', original },
    state: fake.layout,
    spy: (next) => void (write = next),
    carry({ journal, save, clock, isFirst }) {
      const driver = kafkaRedline(changes, { name: 'orders', broker: '1', clock });
      const drive = raising((tools) => takeLeadership({ ...tools, changes }, 1, original));
      const held = { ...unguarded, journal, save, clock };
      return carryRedline({ kind: 'kafka', driver, view }, held, isFirst ? drive : undefined);
    },
  };
}

test('a redline of Kafka restores the leader and replica order of every partition', async () => {
  expect(await killEverywhere(redlineOfLeaders, ['2:2,3,1', '3:2,3,1', '3:3,1,2'])).toBeGreaterThan(12);
});
