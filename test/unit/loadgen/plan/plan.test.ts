import { expect, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import { createPlan, createRunId } from '../../../../loadgen/plan/plan.ts';
import { completeWorkload, type WorkloadFlags } from '../../../../loadgen/plan/workload.ts';

const planOf = (flags: WorkloadFlags) =>
  createPlan({
    id: 'run-1',
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(undefined, { messageSize: '500B', rates: [100, 300], stepDuration: '5s', ...flags }),
    keepTopic: false,
    policy: examplePolicy(),
  });

test('warms up at the rate of the first step', () => {
  const plan = planOf({ warmUp: '2s' });
  expect(plan.segments).toMatchObject([
    { from: 100, to: 100, duration: 2 },
    { from: 100, to: 100, duration: 5 },
    { from: 300, to: 300, duration: 5 },
  ]);
  expect([plan.messages, plan.durationSeconds]).toEqual([2200, 12]);
});

test('no warm-up is no segment', () => expect(planOf({ warmUp: '0s' }).segments).toHaveLength(2));

test('topic, groups and folder carry the id of the run', () => {
  const { topic, directory } = planOf({ groups: 2 });
  expect(topic).toMatchObject({ names: ['plimsoll-run-1'], groups: ['plimsoll-run-1-1', 'plimsoll-run-1-2'] });
  expect(directory).toBe('runs/run-1');
});

test('messages of two runs are distinguished', () => {
  const other = createPlan({ ...planOf({}), id: 'run-2', keepTopic: false, policy: examplePolicy() });
  expect(other.mark).not.toBe(planOf({}).mark);
});

test('an id sorts by time', () =>
  expect(createRunId(new Date('2026-03-04T05:06:07.890Z'))).toMatch(/^20260304-050607-[0-9a-f]{4}$/));
