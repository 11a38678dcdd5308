import { expect, test } from 'vitest';
import type { TrafficProducer } from '../../../../brokers/driver.ts';
import { AppError } from '../../../../core/errors.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { plannedSteps } from '../../../../app/change/planned-steps.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import { drillFacts, drillSteps } from '../../../../ops/rocketmq/drill/drill-steps.ts';
import type { DrillFacts } from '../../../../ops/rocketmq/drill/facts.ts';
import { measureFailover } from '../../../../ops/rocketmq/drill/measure-failover.ts';
import type { DrillPlan } from '../../../../ops/rocketmq/drill/plan-drill.ts';
import { topicOf } from '../../../support/defined-topic.ts';
import { fakeBroker, fakeCluster, store } from '../../../support/fake-change-desk.ts';
import { createHandClock } from '../../../support/hand-clock.ts';

const topic = 'plimsoll-drill-1';
const plan: DrillPlan = {
  brokerName: 'broker-a',
  mode: 'dledger',
  leader: 'a:1',
  followers: ['b:1'],
  answersAlone: false,
};
const facts = (): DrillFacts => ({ brokerName: 'broker-a', members: ['a:1', 'b:1'], topic });

/** A leader and a follower, both with the topic of a drill whose process was killed. */
function killedDrill(gone: readonly string[] = []) {
  const brokers = {
    'a:1': fakeBroker('broker-a', { topics: new Map([[topic, topicOf(topic)]]) }),
    'b:1': fakeBroker('broker-a', { brokerId: 2, topics: new Map([[topic, topicOf(topic)]]) }),
  };
  const { desk, silent } = fakeCluster({ ...brokers, 'x:1': fakeBroker('broker-x') });
  const told: string[] = [];
  const tools = {
    desk,
    clock: systemClock,
    patience: seconds(1),
    gone,
    tell: (line: string) => void told.push(line),
    traffic: { producer: () => Promise.reject(new Error('nothing is sent')) },
    admin: {
      /** A follower that is up follows its leader. */
      async deleteTopic(name: string) {
        for (const each of Object.values(brokers)) if (each.isUp) each.topics.delete(name);
      },
    },
  };
  const journal = newJournal({ cluster: 'lab', change: 'drill', subject: 'broker-a', facts: facts() }, new Date());
  for (const id of ['create-topic', 'measure']) {
    journal.steps.push({
      id,
      begunAt: journal.startedAt,
      evidence: [],
      ...(id === 'create-topic' && { doneAt: journal.startedAt }),
    });
  }
  const carry = (state: ChangeJournal<DrillFacts>, rollsBackWhenStopped = false) =>
    carryOut({
      journal: state,
      steps: drillSteps(state.facts, tools),
      clock: systemClock,
      signal: new AbortController().signal,
      tell: tools.tell,
      check: async () => undefined,
      save: async () => undefined,
      rollsBackWhenStopped,
    });
  return { brokers, journal, carry, told, tools, silent };
}

test('the rollback of a killed drill deletes its topic on all members', async () => {
  const { brokers, journal, carry, told } = killedDrill();
  expect(await carry({ ...journal, direction: 'back' })).toEqual({ kind: 'rolled-back' });
  expect(Object.values(brokers).map(({ topics }) => topics.has(topic))).toEqual([false, false]);
  expect(told.join('\n')).toContain('an operator starts the members of broker-a that were stopped');
});

test('each plan of a drill can be approved, although its topic is another one', () => {
  const { tools } = killedDrill();
  const [shown, again] = [drillFacts(plan), drillFacts(plan)];
  expect(shown.topic).not.toBe(again.topic);
  expect(plannedSteps(drillSteps(shown, tools))).toEqual(plannedSteps(drillSteps(again, tools)));
  expect(drillFacts(plan, shown)).toEqual(shown);
});

test('a drill does not end while a stopped member may bring the topic back', async () => {
  const { brokers, journal, carry } = killedDrill();
  brokers['b:1'].isUp = false;
  const back = { ...journal, direction: 'back' as const };
  await expect(carry(back)).rejects.toMatchObject({
    code: 'broker-unreachable',
    message: expect.stringContaining(`b:1 of broker-a does not answer, and may still have topic ${topic}`),
    hint: expect.stringContaining('without a broker that never returns, it ends with --gone: b:1'),
  });
  expect(back.status).toBe('running');
  brokers['b:1'].isUp = true;
  expect(await carry(back)).toEqual({ kind: 'rolled-back' });
  expect(brokers['b:1'].topics.has(topic)).toBe(false);
});

test('--gone ends a drill without a member that never returns, and names what it may still have', async () => {
  const { brokers, journal, carry } = killedDrill(['b:1']);
  brokers['b:1'].isUp = false;
  const back = { ...journal, direction: 'back' as const };
  expect(await carry(back)).toEqual({ kind: 'rolled-back' });
  expect(JSON.stringify(back.steps)).toContain(`b:1 is not restored (--gone): b:1 of broker-a does not answer`);
  const hanging = killedDrill(['b:1']);
  hanging.silent.add('b:1');
  await expect(hanging.carry({ ...hanging.journal, direction: 'back' })).rejects.toThrow('--gone does not give it up');
  const other = killedDrill(['c:1']);
  await expect(other.carry({ ...other.journal, direction: 'back' })).rejects.toMatchObject({ code: 'not-found' });
});

test('a drill whose topic could not be deleted after an error creates it again when it is resumed', async () => {
  const { brokers, journal, carry } = killedDrill();
  brokers['b:1'].isUp = false;
  await expect(carry(journal, true)).rejects.toMatchObject({
    code: 'change-stopped',
    message: expect.stringMatching(
      /may still have topic .*; it stopped because: b:1 of broker-a does not answer$/,
    ) as string,
  });
  expect(brokers['a:1'].topics.has(topic)).toBe(false);
  expect(journal).toMatchObject({ status: 'running' });
  expect(journal.steps.filter(({ doneAt }) => doneAt !== undefined)).toEqual([]);
});

test('a resumed drill measures only after the stopped leader answers again', async () => {
  const { brokers, journal, carry } = killedDrill();
  brokers['a:1'].isUp = false;
  await expect(carry(journal)).rejects.toMatchObject({
    code: 'drill-failed',
    message: 'a:1 of broker-a does not answer',
    hint: 'start it',
  });
});

test('measures the pause of writes until another member leads, and what it stored', async () => {
  const runtime = (end: string) => new Map([['commitLogMaxOffset', end]]);
  const leader = fakeBroker('broker-a', { runtime: runtime('100') });
  const follower = fakeBroker('broker-a', { brokerId: 2, runtime: runtime('100') });
  const { desk } = fakeCluster({ 'a:1': leader, 'b:1': follower });
  const { defineTopic, runtime: runtimeOf } = desk;
  desk.defineTopic = async (...definition) => {
    await defineTopic(...definition);
    follower.topics = new Map(leader.topics);
  };
  let looks = 0;
  desk.runtime = async (address, io) => {
    if (address === 'a:1' && ++looks === 6) leader.runtime = runtime('100');
    return await runtimeOf(address, io);
  };
  let refused = 0;
  const producer: TrafficProducer = {
    async send({ values: [body] }) {
      const leading = [leader, follower].find(({ isUp, brokerId }) => isUp && brokerId === 0);
      if (leading !== undefined) return store(leading, topic, { body: body as Buffer });
      if (++refused === 5) follower.brokerId = 0;
      throw new AppError('broker-unreachable', 'cannot reach a:1: connection refused');
    },
    async [Symbol.asyncDispose]() {},
  };
  const tools = {
    ...killedDrill().tools,
    desk,
    clock: createHandClock(),
    patience: seconds(60),
    traffic: { producer: async () => producer },
    tell(line: string) {
      if (line.startsWith('operator: stop')) {
        leader.isUp = false;
        Object.assign(follower, { messages: [...leader.messages], ends: new Map(leader.ends) });
      } else if (line.startsWith('operator: start')) {
        Object.assign(leader, { isUp: true, brokerId: 2, runtime: runtime('50') });
      }
    },
  };
  const io = { signal: new AbortController().signal };
  const [create, measure] = drillSteps(facts(), tools);
  await create?.run(io);
  expect(leader.topics.get(topic)).toMatchObject({ readQueues: 1, writeQueues: 1 });
  const measured = await measure?.run(io);
  const aNumber = expect.any(Number) as number;
  const report = measured?.kind === 'done' ? measured.learnt?.report : undefined;
  expect(report).toMatchObject({
    newLeader: 'b:1',
    servers: [{ server: 'ns1:9876', newLeaderSeconds: aNumber, deadLeftSeconds: 0, returnedSeconds: aNumber }],
    messages: { retried: 1, failedAttempts: 5, lost: 0, doubled: 0, outOfOrder: 0 },
  });
  expect(report?.messages.stored).toBe(report?.messages.acknowledged);
  expect(report?.secondsWithoutWrites).toBeGreaterThan(0.5);
  expect(report?.caughtUpSeconds).toBeGreaterThan(0);
});

test('a drill whose leader is not stopped reports its waiting time, and does not claim that a broker stopped', async () => {
  const topics = new Map([[topic, topicOf(topic)]]);
  const { desk } = fakeCluster({
    'a:1': fakeBroker('broker-a', { topics }),
    'b:1': fakeBroker('broker-a', { brokerId: 2, topics }),
  });
  const lines: string[] = [];
  const tools = {
    desk,
    clock: createHandClock(),
    patience: seconds(60),
    tell: (line: string) => void lines.push(line),
    traffic: { producer: async () => ({ send: async () => undefined, async [Symbol.asyncDispose]() {} }) },
  };
  await expect(measureFailover(plan, topic, tools, { signal: new AbortController().signal })).rejects.toMatchObject({
    code: 'drill-failed',
    message: 'waited 60 s for a:1 to stop: timeout',
    hint: expect.stringContaining('If you stopped it, start it again'),
  });
  expect(lines).toContain('waiting up to 60 s for a:1 to stop');
  const check = () => Promise.reject(new AppError('lease-lost', 'it was not renewed for 45 s'));
  const lost = { signal: new AbortController().signal, check };
  await expect(measureFailover(plan, topic, tools, lost)).rejects.toMatchObject({ code: 'lease-lost' });
});
