// Distinguishes redelivered messages from lost ones after restarts of groups, brokers and the generator.

import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import type { JournalLine } from '../../../core/documents/run-bundle.ts';
import { driveRun } from '../../support/driven-run.ts';
import { startKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';
import { startRocketmq } from '../../support/rocketmq.ts';

const rate = 200;
const stop = { from: 15, to: 20 };

const consumedBy = (journal: readonly JournalLine[], group: string, until: number) =>
  journal.reduce(
    (sum, line) =>
      line.kind === 'consumed' && line.group.endsWith(group) && line.elapsedSeconds <= until
        ? sum + line.messages
        : sum,
    0,
  );

/** @param brokerPid pid of the only broker */
async function restart({ configPath, brokerPid }: { configPath: string; brokerPid: number }) {
  await using run = await driveRun(configPath, {
    messageSize: '200B',
    partitions: 4,
    warmUp: '0s',
    outage: '60s',
    groups: [
      { name: 'steady' },
      // Nothing is committed, so all earlier messages are redelivered.
      { name: 'restarted', commits: 'never', stopped: [{ from: `${stop.from}s`, to: `${stop.to}s` }] },
    ],
    profile: { kind: 'steps', rates: [rate, rate, rate, rate], stepDuration: '25s' },
  });
  await run.at(30);
  const broker = undertakerOf(brokerPid);
  await broker.end('SIGKILL');
  await delay(1000);
  broker.revive();
  // Its third step, in which all groups read again.
  await run.at(68);
  await run.killAndResume();
  const { ended, journal, ledger } = await run.result();
  process.stdout.write(`${JSON.stringify({ ended, ledger })}\n`);
  expect(ended.exitCode).toBe(0);
  expect(journal.some(({ kind }) => kind === 'resumed')).toBe(true);
  const [steady, restarted] = ledger.groups;
  const good = { lost: 0, unread: 0, corrupted: 0, foreign: 0, refusedButDelivered: 0, duplicated: 0 };
  expect(steady).toMatchObject(good);
  expect(restarted).toMatchObject(good);
  expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 4 } });
  const stored = ledger.agreement?.grown ?? Number.NaN;
  expect(restarted?.received).toBe(stored);
  for (const { received, unknownFateButDelivered, untoldButDelivered } of ledger.groups) {
    expect(received - unknownFateButDelivered - untoldButDelivered).toBe(ledger.acknowledged);
  }
  // The killed generator committed the messages of its last second without a record of them.
  expect(stored - (steady?.received ?? 0)).toBeLessThan(2 * rate);

  // All messages in the journal of the killed generator are redelivered to its successor; part of them, before the stop, once before.
  // Messages of its last second are unknown.
  const told = journal.slice(
    0,
    journal.findIndex(({ kind }) => kind === 'resumed'),
  );
  const first = consumedBy(told, 'restarted', stop.to);
  const all = consumedBy(told, 'restarted', Infinity);
  process.stdout.write(`${JSON.stringify({ first, all, redelivered: restarted?.redelivered })}\n`);
  expect(first).toBeGreaterThan(rate * (stop.from - 2));
  expect(all).toBeGreaterThan(2 * first);
  expect(restarted?.redelivered).toBe(all);
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'Kafka: counts are exact after a group returns, a broker restarts and a killed generator is resumed',
    async () => {
      await using kafka = await startKafka();
      await restart({ configPath: kafka.configPath, brokerPid: kafka.brokers[0]?.pid ?? Number.NaN });
    },
    300_000,
  );

  requires('java', 'maven').test(
    'RocketMQ: counts are exact after a group returns, a broker restarts and a killed generator is resumed',
    async () => {
      await using rocketmq = await startRocketmq();
      await restart({ configPath: rocketmq.configPath, brokerPid: rocketmq.brokers[0]?.pid ?? Number.NaN });
    },
    300_000,
  );
}
