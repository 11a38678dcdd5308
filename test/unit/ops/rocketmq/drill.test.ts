import { expect, test } from 'vitest';
import type { TrafficProducer } from '../../../../brokers/driver.ts';
import { AppError } from '../../../../core/errors.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import {
  createCanary,
  longestGap,
  readBack,
  isEvery,
  watchMembers,
} from '../../../../ops/rocketmq/drill/measure-failover.ts';
import { drillFindings } from '../../../../ops/rocketmq/drill/drill-steps.ts';
import { planDrill } from '../../../../ops/rocketmq/drill/plan-drill.ts';
import { drillPlanText } from '../../../../cli/commands/ops-rocketmq-drill.ts';

test('the time without writes is the longest gap that ends after the loss', () => {
  expect(longestGap({ acknowledgedAt: [0, 9, 9.1, 9.2, 14, 14.1] }, 9.3)).toBeCloseTo(4.8);
  expect(longestGap({ acknowledgedAt: [1] }, 0)).toBeUndefined();
});

test('a missing send permission ends the measurement with its name, and an unreachable broker does not', async () => {
  const faults = [
    new AppError('broker-unreachable', 'a:1 refused the connection'),
    new AppError('credentials-refused', 'a:1 refused it (needs PUB on topic drill)'),
  ];
  const producer: TrafficProducer = {
    async send() {
      throw faults.shift() ?? new Error('sent again after a refusal');
    },
    async [Symbol.asyncDispose]() {},
  };
  const canary = createCanary(producer, 'drill', createHandClock());
  await expect(canary.run({ signal: new AbortController().signal })).rejects.toThrow('needs PUB on topic drill');
  expect(canary.record).toMatchObject({ acknowledgedAt: [], failures: 1 });
});

test('a send that the end of the drill interrupts is no failed attempt', async () => {
  const over = new AbortController();
  const producer: TrafficProducer = {
    async send() {
      over.abort();
      over.signal.throwIfAborted();
    },
    async [Symbol.asyncDispose]() {},
  };
  const canary = createCanary(producer, 'drill', createHandClock());
  await canary.run({ signal: over.signal });
  expect(canary.record).toEqual({ acknowledgedAt: [], retried: 0, failures: 0 });
});

test('acknowledged messages that are not stored are lost; retried ones may be stored twice, in order', () => {
  expect(readBack(['0', '1', '2', '2', '4'], 5)).toEqual({ stored: 5, lost: 1, doubled: 1, outOfOrder: 0 });
  expect(readBack(['0', '2', '1'], 3)).toMatchObject({ lost: 0, outOfOrder: 1 });
});

test('a stored message beyond the acknowledged count is not an error', () => {
  expect(readBack(['0', '1', '2'], 2)).toMatchObject({ lost: 0, doubled: 0 });
});

const listing = (server: string, members: Record<number, string>) => ({
  server,
  brokers: [
    {
      brokerName: 'broker-a',
      cluster: 'lab',
      addresses: new Map(Object.entries(members).map(([id, address]) => [Number(id), address])),
    },
  ],
});

test('records separate times for each name server: new leader, dead member removed, member back', () => {
  const watch = watchMembers('broker-a', 'a:1', ['ns1', 'ns2']);
  watch.see([listing('ns1', { 0: 'a:1', 2: 'b:1' }), listing('ns2', { 0: 'a:1', 2: 'b:1' })], 1, false);
  expect(watch.newLeader()).toBeUndefined();
  watch.see([listing('ns1', { 0: 'b:1' }), { server: 'ns2', reason: 'no answer' }], 2, false);
  watch.see([listing('ns1', { 0: 'b:1' }), listing('ns2', { 0: 'b:1', 1: 'a:1' })], 3, false);
  expect(isEvery(watch, 'newLeaderAt')).toBe(true);
  expect(isEvery(watch, 'deadLeftAt')).toBe(false);
  watch.see([listing('ns1', { 0: 'b:1' }), listing('ns2', { 0: 'b:1' })], 4, false);
  watch.see([listing('ns1', { 0: 'b:1', 1: 'a:1' }), listing('ns2', { 0: 'b:1' })], 5, true);
  expect(watch.times).toEqual([
    { server: 'ns1', newLeaderAt: 2, deadLeftAt: 2, returnedAt: 5 },
    { server: 'ns2', newLeaderAt: 3, deadLeftAt: 4 },
  ]);
});

const planWith = (
  settings: Readonly<Record<string, string>>,
  members: Record<number, string>,
  inSync: readonly boolean[] = [true],
) => {
  const desk = {
    cluster: 'lab',
    namesrv: ['ns1'],
    listings: async () => [listing('ns1', members)],
    settings: async () => new Map(Object.entries(settings)),
    replication: async () => ({
      masterCommitLogMaxOffset: 9n,
      inSyncSlaves: inSync.filter(Boolean).length,
      slaves: inSync.map((each) => ({ address: '', ackOffset: 9n, behindBytes: 0n, inSync: each, bytesPerSecond: 0 })),
    }),
  };
  return planDrill(desk, 'broker-a', { signal: new AbortController().signal });
};

const dledger = { enableDLegerCommitLog: 'true', dLegerPeers: 'n0-a:40911;n1-b:40911;n2-c:40911' };

test.each<[Record<string, string>, Record<number, string>, string]>([
  [dledger, { 0: 'a:1', 2: 'b:1' }, 'only b:1'],
  [{ enableControllerMode: 'true' }, { 0: 'a:1' }, 'no member'],
])('a drill that would leave too few members to elect a leader is refused: %j', async (settings, members, left) => {
  await expect(planWith(settings, members)).rejects.toMatchObject({
    code: 'change-refused',
    message: `if its leader stops, broker-a has ${left} to elect another leader`,
  });
  await expect(planWith(settings, { 0: 'a:1', 2: 'b:1', 3: 'c:1' })).resolves.toMatchObject({ leader: 'a:1' });
});

test.each<[Record<string, string>, string[]]>([
  [{}, ['no-failover']],
  [{ enableSlaveActingMaster: 'true' }, ['no-failover']],
  [{ enableControllerMode: 'true', inSyncReplicas: '2' }, []],
])('a broker without automatic failover of its writes is a critical finding: %j', async (settings, codes) => {
  const alone = { 0: 'a:1' };
  const plan = await planWith(settings, codes.length > 0 ? alone : { ...alone, 2: 'b:1' });
  expect(drillFindings(plan).map(({ severity, code }) => [severity, code])).toEqual(
    codes.map((code) => ['critical', code]),
  );
});

test('a drill is refused while no follower of a controller group is in sync, as with asyncLearner only', async () => {
  const controller = { enableControllerMode: 'true' };
  await expect(planWith(controller, { 0: 'a:1', 2: 'b:1' }, [false])).rejects.toMatchObject({
    code: 'change-refused',
    message: 'if its leader stops, broker-a has no member in sync to become leader',
  });
  await expect(planWith(controller, { 0: 'a:1', 2: 'b:1' }, [])).rejects.toMatchObject({ code: 'change-refused' });
  const plan = await planWith(controller, { 0: 'a:1', 2: 'b:1', 3: 'c:1' }, [false, true]);
  expect(plan.leader).toBe('a:1');
});

test.each([
  [{ enableControllerMode: 'true', inSyncReplicas: '1' }, true],
  [{ enableControllerMode: 'true', allAckInSyncStateSet: 'true' }, false],
  [{ enableControllerMode: 'true', inSyncReplicas: '2' }, false],
  [{ enableDLegerCommitLog: 'true' }, false],
])('reports a leader that acknowledges before any follower has the message: %j', async (settings, answersAlone) => {
  const plan = await planWith(settings, { 0: 'a:1', 2: 'b:1', 3: 'c:1' });
  expect(plan.answersAlone).toBe(answersAlone);
  const findings = drillFindings(plan);
  expect(findings.map(({ code }) => code)).toEqual(answersAlone ? ['leader-acknowledges-alone'] : []);
  expect(drillPlanText(plan, findings).includes('warning: the leader of broker-a acknowledges')).toBe(answersAlone);
});
