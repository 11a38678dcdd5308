import { expect, test } from 'vitest';
import { examplePolicy } from '../../../support/example-policy.ts';
import type { BrokerKind } from '../../../../core/cluster.ts';
import { messagesPerSecond } from '../../../../core/units.ts';
import { seconds } from '../../../../core/clock.ts';
import { createPlan, createRunId } from '../../../../loadgen/plan/plan.ts';
import { restOf } from '../../../../loadgen/plan/planned-amount.ts';
import { completeWorkload, WorkloadFile, type WorkloadFlags } from '../../../../loadgen/plan/workload.ts';
import type { Trial, TrialRecord } from '../../../../loadgen/search/trial.ts';

const planOf = (flags: WorkloadFlags) =>
  createPlan({
    id: 'run-1',
    cluster: { name: 'lab', broker: 'kafka', config: {} },
    workload: completeWorkload(undefined, { messageSize: '500B', rates: [100, 300], stepDuration: '5s', ...flags }),
    keepTopic: false,
    policy: examplePolicy(),
  });

test('the warm-up uses the rate of the first step', () => {
  const plan = planOf({ warmUp: '2s' });
  expect(plan.segments).toMatchObject([
    { from: 100, to: 100, duration: 2 },
    { from: 100, to: 100, duration: 5 },
    { from: 300, to: 300, duration: 5 },
  ]);
  expect([plan.messages, plan.durationSeconds]).toEqual([2200, 12]);
});

test('without a warm-up there is no segment for it', () => expect(planOf({ warmUp: '0s' }).segments).toHaveLength(2));

test('topic, groups and folder contain the id of the run', () => {
  const { topic, directory } = planOf({ groups: 2 });
  expect(topic).toMatchObject({ names: ['plimsoll-run-1'], groups: ['plimsoll-run-1-1', 'plimsoll-run-1-2'] });
  expect(directory).toBe('runs/run-1');
});

test('messages of two runs have different marks', () => {
  const other = createPlan({ ...planOf({}), id: 'run-2', keepTopic: false, policy: examplePolicy() });
  expect(other.mark).not.toBe(planOf({}).mark);
});

const planOfProfile = (profile: object, over: object = {}, broker: BrokerKind = 'kafka') =>
  createPlan({
    id: 'run-1',
    cluster: { name: 'lab', broker, config: {} },
    workload: completeWorkload(WorkloadFile.parse({ messageSize: '1kB', warmUp: '10s', profile, ...over }), {}),
    keepTopic: false,
    policy: examplePolicy(),
  });

test('topics retain what paused consumers leave unread', () => {
  const profile = { kind: 'backlog-and-drain', rate: 50_000, backlog: '1m' };
  const [one, three] = [planOfProfile(profile), planOfProfile(profile, { topics: 3 })];
  expect(one.topic.unread?.seconds).toBe(60);
  // The message value and the overhead of its record.
  expect(one.topic.unread?.bytes).toBeGreaterThanOrEqual(3e9);
  expect(one.topic.unread?.bytes).toBeLessThan(3.1e9);
  expect(three.topic.unread?.bytes).toBeCloseTo((one.topic.unread?.bytes ?? 0) / 3, -1);
  expect(planOfProfile({ kind: 'constant', rate: 100, duration: '1m' }).topic).not.toHaveProperty('unread');
});

test('of topics with shares, the largest share determines the retention', () => {
  const mix = [{ share: 3 }, { share: 1 }];
  const profile = { kind: 'backlog-and-drain', rate: 1000, backlog: '1m' };
  const whole = planOfProfile(profile).topic.unread?.bytes ?? 0;
  expect(planOfProfile(profile, { mix }).topic.unread?.bytes).toBeCloseTo(0.75 * whole, -1);
});

test('the maximum duration of a search covers its trials and soaks with warm-up', () => {
  const soaked = planOfProfile({ kind: 'find-safe', trial: '30s', soak: '10m', mostTrials: 60, mostSoaks: 4 });
  expect(soaked.durationSeconds).toBe(10 + 56 * (30 + 5 + 10) + 4 * (600 + 5 + 10));
  const confirmed = planOfProfile({ kind: 'find-max', confirm: '2m', soak: '10m', mostTrials: 5 });
  expect(confirmed.durationSeconds).toBe(10 + 5 * (120 + 5 + 10) + 600);
});

test('a search refuses options that it does not support or that no trial can pass', () => {
  const search = (over: object) => () => planOfProfile({ kind: 'find-safe' }, over, 'rocketmq');
  const message = (text: string) => expect.objectContaining({ code: 'workload-invalid', message: text });
  const refused = 'the workload does not fit a rate search: ';
  expect(search({ groups: [{ stopped: [{ from: '1s', to: '3s' }] }] })).toThrow(
    message(`${refused}groups: stopped counts from the first step of a profile, and a search has no planned steps`),
  );
  const delayed = 'delay: delayed messages count as consumer lag, and a trial fails if the lag grows';
  expect(search({ delay: { level: 1 } })).toThrow(message(`${refused}${delayed}`));
  expect(search({ delay: { after: '5s' }, criteria: { drain: '30s' } })).toThrow(message(`${refused}${delayed}`));
  expect(search({ transactions: { leftToCheck: '1%' } })).toThrow(/transactions\.leftToCheck: brokers check after/);
});

test('a search refuses transactions so long that a trial would end with too much uncommitted', () => {
  const search = (duration: string, profile: object) => () => planOfProfile(profile, { transactions: { duration } });
  const refusal =
    'transactions.duration: 1 s of messages can be uncommitted when a trial of 15 s ends; the limit is 375 ms';
  expect(search('1s', { kind: 'find-max' })).toThrow(
    expect.objectContaining({ code: 'workload-invalid', message: expect.stringContaining(refusal) as string }),
  );
  expect(search('1s', { kind: 'find-safe', soak: '20s' })).toThrow(/when a trial of 20 s ends; the limit is 500 ms/);
  expect(search('375ms', { kind: 'find-max' })().search?.criteria.transaction).toBe(0.375);
  expect(search('1s', { kind: 'find-max', trial: '40s' })().search?.criteria.transaction).toBe(1);
});

test('a search accepts groups, delays without groups, and transactions', () => {
  const search = (over: object) => planOfProfile({ kind: 'find-max' }, over, 'rocketmq').search?.options.kind;
  expect(search({ groups: [{ members: 2, processing: '1ms' }] })).toBe('find-max');
  expect(search({ groups: 0, delay: { after: '1m' } })).toBe('find-max');
  expect(search({ transactions: {} })).toBe('find-max');
});

test('in a closed loop a topic has one share, because its steps have no planned messages', () => {
  const profile = { kind: 'closed-loop', threads: [1, 2], stepDuration: '5s' };
  expect(() => planOfProfile(profile, { mix: [{ share: [1, 2] }, { share: 1 }] })).toThrow(
    expect.objectContaining({
      code: 'workload-invalid',
      message: 'mix: a closed loop has one share for each topic, not one for each step',
    }),
  );
  expect(planOfProfile(profile, { mix: [{ share: 2 }, { share: 1 }] }).messageSpec.mix?.topics).toHaveLength(2);
});

test('the rest of a resumed run is its warm-up and the steps that did not end', () => {
  const plan = planOfProfile({ kind: 'steps', rates: [100, 200, 300], stepDuration: '60s' });
  expect(restOf(plan, { endedSteps: 0, trials: [] })).toEqual({ durationSeconds: 190, messages: 37_000 });
  expect(restOf(plan, { endedSteps: 2, trials: [] })).toEqual({ durationSeconds: 70, messages: 21_000 });
});

test('the rest of a resumed search is the trials without a verdict', () => {
  const plan = planOfProfile({ kind: 'find-safe', trial: '30s', soak: '10m', mostTrials: 10, mostSoaks: 2 });
  const record = (purpose: Trial['purpose']): TrialRecord => ({
    trial: { rate: messagesPerSecond(100), duration: seconds(30), purpose },
    outcome: { kind: 'passed', achievedTps: 100 },
  });
  const { durationSeconds } = restOf(plan, {
    endedSteps: 4,
    trials: [...Array.from({ length: 3 }, () => record('rise')), record('soak')],
  });
  expect(durationSeconds).toBe(10 + 5 * (30 + 5 + 10) + 615);
});

test('run ids sort by time', () =>
  expect(createRunId(new Date('2026-03-04T05:06:07.890Z'))).toMatch(/^20260304-050607-[0-9a-f]{4}$/));
