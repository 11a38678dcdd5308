import { expect, test } from 'vitest';
import type { BrokerKind } from '../../../../core/cluster.ts';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createPlan } from '../../../../loadgen/plan/plan.ts';
import { openThreads } from '../../../../loadgen/execute/threads.ts';
import type { Assignment } from '../../../../loadgen/execute/workers/thread-messages.ts';
import type { StartThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';
import { completeWorkload, WorkloadFile } from '../../../../loadgen/plan/workload.ts';

/** Returns the messages to the threads, on one broker with one topic. */
async function assignedOf(file: Record<string, unknown>, broker: BrokerKind = 'rocketmq') {
  const profile = { kind: 'steps', rates: [100, 1000], stepDuration: '1s' };
  const plan = createPlan({
    id: 'r1',
    cluster: { name: 'lab', broker, config: {} },
    workload: completeWorkload(WorkloadFile.parse({ messageSize: '100B', profile, ...file }), {}),
    keepTopic: false,
    policy: examplePolicy(),
  });
  const assigned: Assignment[] = [];
  const startThread: StartThread = (assignment) => {
    assigned.push(assignment);
    const done = Promise.resolve();
    return { ready: done, done, tell() {}, async [Symbol.asyncDispose]() {} };
  };
  const topic = { names: ['t'], partitions: 6, replicationFactor: 1, own: ['t'], async [Symbol.asyncDispose]() {} };
  await using _ = await openThreads(plan, topic, 1, startThread, { signal: new AbortController().signal });
  return assigned;
}

const producersOf = async (...run: Parameters<typeof assignedOf>) =>
  (await assignedOf(...run)).flatMap((assignment) => (assignment.role === 'producer' ? [assignment] : []));

test("transactions left to the broker's check get extra unanswered messages and a longer timeout", async () => {
  const [plain] = await producersOf({ transactions: {} });
  expect(plain).toMatchObject({ mostUnanswered: 1024, answerSeconds: 5 });
  // A twentieth of 1,000 a second, each for at most 90 s.
  const [checked] = await producersOf({ transactions: { leftToCheck: '5%' } });
  expect(checked).toMatchObject({ mostUnanswered: 1024 + 4500, answerSeconds: 90 });
});

test('the response timeout includes the duration of a Kafka transaction', async () => {
  const [plain, long] = await Promise.all(
    [{}, { transactions: { duration: '10s' } }].map((file) => producersOf(file, 'kafka')),
  );
  expect([plain?.[0]?.answerSeconds, long?.[0]?.answerSeconds]).toEqual([5, 15]);
});

test('workers share the limit of unanswered messages', async () => {
  const producers = await producersOf({ transactions: { leftToCheck: '5%' }, workers: 2 });
  expect(producers.map(({ mostUnanswered }) => mostUnanswered)).toEqual([2762, 2762]);
});

test.each<[string, Record<string, unknown>, ...number[]]>([
  ['nothing', {}, 30],
  ['a level', { delay: { level: 4 } }, 60],
  ['a timer', { delay: { after: '1m' } }, 90],
  ['a planned stop', { groups: [{ stopped: [{ from: '1s', to: '2s' }] }] }, 31],
  ['a planned stop of the other group', { groups: [{ stopped: [{ from: '1s', to: '2s' }] }, {}] }, 31, 30],
  ['a planned backlog', { profile: { kind: 'backlog-and-drain', rate: 100, backlog: '1m' } }, 90],
])('a message delayed by %s counts as late only half a minute after the delay', async (_, file, ...seconds) => {
  const consumers = (await assignedOf(file)).filter(({ role }) => role === 'consumer');
  expect(consumers).toMatchObject(seconds.map((lateAfterSeconds) => ({ lateAfterSeconds })));
});
