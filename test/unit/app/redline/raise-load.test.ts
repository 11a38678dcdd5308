import { expect, test } from 'vitest';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import type { KafkaChanges } from '../../../../brokers/kafka/changes/kafka-changes.ts';
import { planLive } from '../../../../app/redline/plan-live.ts';
import { raiseLoad } from '../../../../app/redline/raise-load.ts';
import type { LiveRecorder } from '../../../../app/redline/record-live.ts';
import type { RedlineCaller, RedlineSetting } from '../../../../app/redline/redline-request.ts';
import { readDefaultPolicy } from '../../../../core/policy/policy.ts';
import { seconds } from '../../../../core/clock.ts';
import { kafkaRedline } from '../../../../ops/kafka/redline/kafka-redline.ts';
import type { OriginalPartition } from '../../../../ops/kafka/redline/lead.ts';
import type { RedlineTools } from '../../../../ops/redline/redline-driver.ts';
import { fakeLeaders } from '../../../support/fake-leaders.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const replicas = [
  [1, 2, 3],
  [2, 3, 1],
  [3, 1, 2],
];
/** Twelve partitions, of which each broker leads four. */
const partitions = Array.from({ length: 12 }, (_, partition): OriginalPartition => {
  const own = replicas[partition % 3] ?? [];
  return { topic: 'orders', partition, replicas: own, leader: own[0] ?? 1 };
});

/** A redline of broker 1: each partition gets 10 messages a second. @param act runs in each second after the plan */
async function redline(
  act: (second: number, fake: ReturnType<typeof fakeLeaders> & { rate: number }) => void,
  { topics = [], others = [] }: { topics?: string[]; others?: OriginalPartition[] } = {},
) {
  const fake = Object.assign(fakeLeaders([...partitions, ...others]), { rate: 10 });
  const clock = createHandClock();
  const { signal } = new AbortController();
  const io = { signal };
  const driver = kafkaRedline(fake.changes as unknown as KafkaChanges, { name: 'orders', broker: '1', clock });
  const setting: RedlineSetting = {
    name: 'orders',
    cluster: KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['b1:9092'] }),
    config: {} as RedlineSetting['config'],
    policy: readDefaultPolicy(),
    brokerHosts: {},
    driver,
    stepShare: 0.25,
    holdSeconds: 60,
    maxMoves: 6,
  };
  const watching = {
    ...clock,
    async sleep(duration: number) {
      clock.advance(duration);
      fake.send(duration * fake.rate);
    },
  };
  const asked = { options: { sample: seconds(10), topics }, clock: watching, signal };
  const live = await planLive(asked as unknown as RedlineCaller, setting, { only: () => true });
  const origin = clock.monotonic();
  const elapsed = () => clock.monotonic() - origin;
  let latest = await driver.read(live.reads, io);
  const recorder: LiveRecorder = {
    elapsed,
    write: () => {},
    flush: async () => {},
    latest: () => latest,
    async next() {
      clock.advance(1);
      act(elapsed(), fake);
      fake.send(fake.rate);
      latest = await driver.read(live.reads, io);
      return latest;
    },
    recentUses: () => new Map(),
    lagSince: () => new Map(),
    underReplicated: () => 0,
    [Symbol.asyncDispose]: async () => {},
  };
  const tools: RedlineTools = { clock, signal, check: async () => {}, held: () => {}, remember: async () => {} };
  const told: string[] = [];
  const raised = await raiseLoad({
    setting,
    recorder,
    tools,
    originals: live.originals,
    measure: async () => [],
    guard: {},
    maxNicShare: 1,
    clusterTps: live.basis.clusterTps,
    groupTps: new Map(),
    breach: () => undefined,
    tell: (line) => void told.push(line),
    progress: () => {},
    moved: () => {},
  });
  const ledBy = () => fake.layout().filter((each) => each.startsWith('1:')).length;
  return { ...raised, live, told, ledBy };
}

test('raises the load step by step until the budget is used up', async () => {
  const { stop, moves, told, ledBy } = await redline(() => {});
  expect(stop.code).toBe('budget');
  expect([moves, ledBy()]).toEqual([6, 7]);
  expect(told).toContain('step 0: broker 1 gets 40 msg/s');
});

test('traffic that stops before the first step moves no leader and ends the redline', async () => {
  const { stop, moves } = await redline((_, fake) => void (fake.rate = 0));
  expect(stop).toEqual({
    code: 'traffic-dropped',
    message: '3 steps in a row did not count, the last because traffic of the cluster fell from 120 msg/s to 0 msg/s',
  });
  expect(moves).toBe(0);
});

test('repeats a step during which traffic drops, and does not count it', async () => {
  const { stop, told } = await redline((second, fake) => void (fake.rate = second > 80 && second < 110 ? 5 : 10));
  expect(told.find((line) => line.includes('does not count'))).toMatch(
    /^step 1 does not count: traffic of the cluster fell from 120 msg\/s to \d+ msg\/s$/,
  );
  expect(stop.code).toBe('budget');
});

test('traffic that drops permanently ends the redline', async () => {
  const { stop, moves } = await redline((second, fake) => void (fake.rate = second > 80 ? 1 : 10));
  expect(stop.code).toBe('traffic-dropped');
  expect(moves).toBe(2);
});

test('a leader moved by others ends the redline', async () => {
  const { stop } = await redline((second, fake) => {
    if (second === 80) fake.put('orders-3', { leader: '2' });
  });
  expect(stop).toEqual({
    code: 'cluster-changed',
    message: 'orders-3 is led by broker 2 (replicas 1,2,3), not changed by this redline',
  });
});

test('messages of a topic created during the redline count as load of its leader', async () => {
  const { told } = await redline((second, fake) => {
    if (second === 1) fake.add({ topic: 'payments', partition: 0, replicas: [1, 2, 3], leader: 1 });
  });
  expect(told).toContain('step 1: broker 1 gets 60 msg/s');
});

test('with --topics, only leaders of these topics move, and rates cover all traffic', async () => {
  const others = partitions.map((each) => ({ ...each, topic: 'payments' }));
  const { live, told } = await redline(() => {}, { topics: ['orders'], others });
  expect(live.basis).toMatchObject({ clusterTps: 240, ledTps: { '1': 80, '2': 80, '3': 80 } });
  expect(live.plan.movablePartitions).toBe(8);
  expect(new Set(live.originals.map(({ topic }) => topic))).toEqual(new Set(['orders']));
  expect(live.plan.steps.flatMap((step) => step.partitions).filter((name) => !name.startsWith('orders-'))).toEqual([]);
  expect(told).toContain('step 0: broker 1 gets 80 msg/s');
});

test('rejects a mistyped topic of --topics, and suggests the nearest one', async () => {
  await expect(redline(() => {}, { topics: ['ordres'] })).rejects.toMatchObject({
    code: 'usage',
    message: '--topics: cluster orders has no topic ordres',
    hint: 'did you mean orders?',
  });
});
