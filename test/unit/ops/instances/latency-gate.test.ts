import { expect, test } from 'vitest';
import { createLatencyWindow, p99Of } from '../../../../brokers/canary/latency-window.ts';
import { KafkaClusterConfig } from '../../../../brokers/kafka/config.ts';
import { seconds } from '../../../../core/clock.ts';
import { DesiredInstance } from '../../../../core/documents/instances.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal, type ChangeJournal } from '../../../../ops/change/journal.ts';
import { changesNothing, type Step } from '../../../../ops/change/step.ts';
import type { InstanceFacts } from '../../../../ops/instances/facts.ts';
import { awaitHealthy } from '../../../../ops/instances/gate-steps.ts';
import { kafkaGate } from '../../../../ops/instances/kafka-gate.ts';
import { createHandClock } from '../../../support/hand-clock.ts';
import { instanceToolsWith } from '../../../support/instance-tools.ts';

const target = DesiredInstance.parse({ cluster: 'orders', host: 'mq-1', role: 'kafka-broker', broker: '1' });
const order = ['orders-1', 'orders-2'].map((name) => ({ name, target, wasRunning: true }));
const sendsEvery = seconds(0.1);

/** A canary with ten writes a second that are acknowledged after this many seconds, or refused, while the clock advances. */
function rolled(tookBy: (second: number) => number | string | undefined, canary?: string) {
  const hand = createHandClock();
  const window = createLatencyWindow(hand);
  const clock: typeof hand = {
    ...hand,
    async sleep(duration) {
      for (let slept = 0; slept < duration - 1e-9; slept += sendsEvery) {
        hand.advance(sendsEvery);
        const took = tookBy(hand.monotonic());
        if (typeof took === 'number') window.record.took('1', 'produce', took);
        if (typeof took === 'string') window.record.failed('1', 'produce', took);
      }
    },
  };
  const tools = instanceToolsWith({
    gate: {
      ...kafkaGate('orders', KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: ['127.0.0.1:1'] })),
      baseline: async () => ({ brokers: ['1'], lags: {} }),
      blockers: async () => [],
    },
    clock,
    writeLatency: () => ({ p99: (length) => p99Of(window.recent(length)), reason: () => undefined }),
  });
  const facts: InstanceFacts = { action: 'roll', order, marks: {}, ...(canary !== undefined && { canary }) };
  const journal: ChangeJournal<InstanceFacts> = newJournal(
    { cluster: 'orders', change: 'instances-roll', subject: 'orders', facts },
    hand.now(),
  );
  const stopped: string[] = [];
  const restart = (name: string): Step<InstanceFacts> => ({
    id: `restart-${name}`,
    by: 'plimsoll',
    description: `restart ${name}`,
    zh: `重启 ${name}`,
    undo: changesNothing,
    async run() {
      stopped.push(name);
      await clock.sleep(seconds(10));
      return { kind: 'done', evidence: [] };
    },
  });
  const told: string[] = [];
  const go = (wait: number) =>
    carryOut(
      {
        journal,
        // Built again for each command, as `--resume` does.
        steps: [
          ...order.flatMap(({ name }) => [awaitHealthy(name, journal.facts, tools), restart(name)]),
          awaitHealthy(undefined, journal.facts, tools),
        ],
        clock,
        signal: new AbortController().signal,
        save: async () => undefined,
        check: async () => undefined,
        tell: (line) => void told.push(line),
      },
      seconds(wait),
    );
  return { go, journal, stopped, told, clock };
}

test('a roll is held while the p99 of writes exceeds 1.5 times the former p99, and --resume continues when it no longer does', async () => {
  let isSlow = false;
  const roll = rolled((second) => (isSlow && second > 20 ? 0.2 : 0.04), 'plimsoll-canary');
  isSlow = true;
  const arrival = await roll.go(30);
  expect(arrival).toMatchObject({
    kind: 'held',
    step: 'await-health-before-orders-2',
    holds: [{ what: 'the p99 of writes is 200 ms, above the limit of 60 ms; it was 40 ms before the change' }],
  });
  expect(roll.stopped).toEqual(['orders-1']);
  expect(roll.told.join('\n')).toContain('blocked: the p99 of writes is 200 ms');

  isSlow = false;
  await roll.clock.sleep(seconds(60));
  expect(await roll.go(30)).toEqual({ kind: 'done' });
  expect(roll.stopped).toEqual(['orders-1', 'orders-2']);
  expect(roll.journal.facts.p99BeforeSeconds).toBe(0.04);
});

test('slow writes during the restart of one instance do not hold the next restart', async () => {
  const roll = rolled((second) => (second > 15 && second <= 25 ? 3 : 0.06), 'plimsoll-canary');
  expect(await roll.go(30)).toEqual({ kind: 'done' });
  expect(roll.told).toContain('  the p99 of writes is 60 ms, 60 ms before the change');
});

test('a p99 below 50 ms never holds a roll, whatever the baseline', async () => {
  const roll = rolled((second) => (second > 15 ? 0.045 : 0.004), 'plimsoll-canary');
  expect(await roll.go(30)).toEqual({ kind: 'done' });
});

test('a canary without acknowledged writes holds the roll before the first stop', async () => {
  const roll = rolled(() => undefined, 'plimsoll-canary');
  expect(await roll.go(30)).toMatchObject({
    kind: 'held',
    step: 'await-health-before-orders-1',
    holds: [
      {
        what: 'the p99 of writes to canary topic plimsoll-canary is unknown: too few writes were acknowledged so far',
      },
    ],
  });
  expect(roll.stopped).toEqual([]);
});

test('refused writes hold the roll, and a canary whose writes are all refused holds it before the first stop', async () => {
  const refused = rolled((second) => (second > 20 ? 'NOT_ENOUGH_REPLICAS' : 0.04), 'plimsoll-canary');
  expect(await refused.go(30)).toMatchObject({
    step: 'await-health-before-orders-2',
    holds: [
      {
        what: 'the p99 of writes is 10 s, above the limit of 60 ms; it was 40 ms before the change',
        zh: '写入 p99 为 10 秒，高于上限 60 ms；变更前为 40 ms',
      },
    ],
  });
  const never = rolled(() => 'TOPIC_AUTHORIZATION_FAILED', 'plimsoll-canary');
  expect(await never.go(30)).toMatchObject({ kind: 'held', step: 'await-health-before-orders-1' });
  expect([never.stopped, never.journal.facts.p99BeforeSeconds]).toEqual([[], undefined]);
});

test('a write to the former leader of a partition costs only one retry', async () => {
  const roll = rolled((second) => (second > 20 ? 'NOT_LEADER_OR_FOLLOWER' : 0.08), 'plimsoll-canary');
  expect(await roll.go(30)).toEqual({ kind: 'done' });
});

test('measures no latency without a canary', async () => {
  const roll = rolled(() => 3);
  expect(await roll.go(0)).toEqual({ kind: 'done' });
  expect(roll.journal.facts).not.toHaveProperty('p99BeforeSeconds');
});
