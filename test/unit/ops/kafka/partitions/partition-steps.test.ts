import { expect, test } from 'vitest';
import { systemClock } from '../../../../../core/clock.ts';
import { plannedSteps } from '../../../../../app/change/planned-steps.ts';
import { morePartitions } from '../../../../../ops/kafka/partitions/partition-steps.ts';

const io = { signal: new AbortController().signal };

function topicOf(count: number) {
  const partitions = Array.from({ length: count }, (_, id) => ({
    topic: 'orders',
    partition: id,
    leader: '1',
    replicas: ['1'],
    inSyncReplicas: ['1'],
  }));
  const requests: number[] = [];
  return {
    requests,
    changes: {
      describe: async () => ({
        kind: 'kafka' as const,
        brokers: [],
        topics: [{ name: 'orders', internal: false, partitions }],
      }),
      createPartitions: async ({ count: wanted }: { count: number }) => void requests.push(wanted),
    },
  };
}

const stepOf = (changes: ReturnType<typeof topicOf>['changes']) =>
  morePartitions.steps(
    { topic: 'orders', from: 2, to: 4, assignments: [[1], [1]] },
    { changes, clock: systemClock, created: () => undefined },
  )[0];

test('the plan has the text that approvals of earlier versions cover', () => {
  const step = stepOf(topicOf(2).changes);
  expect(plannedSteps(step === undefined ? [] : [step]).steps[0]?.en).toBe(
    'topic orders gets 2 more partitions: 2 to 4 (undo: none: Kafka cannot remove partitions)',
  );
});

test('requests the new partitions', async () => {
  const { changes, requests } = topicOf(2);
  expect(await stepOf(changes)?.run(io)).toEqual({ kind: 'done', evidence: [] });
  expect(requests).toEqual([4]);
});

test('does not request partitions again that the controller created for a killed process', async () => {
  const { changes, requests } = topicOf(4);
  expect(await stepOf(changes)?.run(io)).toMatchObject({ evidence: [{ en: 'orders has 4 partitions already' }] });
  expect(requests).toEqual([]);
});

test.each([4, 6])('a topic that others gave %i of 4 wanted partitions needs no step', (from) => {
  const tools = { changes: topicOf(from).changes, clock: systemClock, created: () => undefined };
  expect(morePartitions.steps({ topic: 'orders', from, to: 4, assignments: [] }, tools)).toEqual([]);
});
