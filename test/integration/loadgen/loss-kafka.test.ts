// Checks that the delivery check counts losses of Kafka exactly, and none if none is possible.

import { expect } from 'vitest';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import type { ClusterInspector } from '../../../brokers/driver.ts';
import { defaultKafkaVersion } from '../../../lab/kafka/release.ts';
import { driveRun } from '../../support/driven-run.ts';
import { kafkaTools, type KafkaTools } from '../../support/kafka-tools.ts';
import { startKafka, type RunningKafka } from '../../support/kafka.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { undertakerOf } from '../../support/revive.ts';

const rate = 300;
/** Time until a lost broker is detected: short, but long enough for a busy machine. */
const noticing = {
  'broker.session.timeout.ms': '6000',
  'broker.heartbeat.interval.ms': '1000',
  'replica.lag.time.max.ms': '5000',
};
const soon = () => ({ signal: AbortSignal.timeout(20_000) });
const pollOptions = { timeout: 60_000, interval: 500 };

const undertakers = (kafka: RunningKafka) =>
  new Map(kafka.brokers.map(({ id, pid }) => [id, undertakerOf(pid)] as const));

async function partitionsOf(inspector: ClusterInspector, topic: string) {
  const { topics } = await inspector.snapshot(soon(), { topics: [topic], groups: [] });
  return topics[0]?.partitions ?? [];
}

/** Returns end offsets as Kafka's own tool prints them. */
async function endOf(tools: KafkaTools, topic: string): Promise<number> {
  const lines = (await tools.run('offsets', '--topic', topic)).trim().split('\n');
  return lines.reduce((sum, line) => sum + Number(line.split(':').at(-1)), 0);
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'messages lost by an unclean election are counted exactly, in agreement with offsets',
    async () => {
      await using kafka = await startKafka({
        brokers: 3,
        properties: { ...noticing, 'unclean.leader.election.enable': 'true' },
      });
      const brokers = undertakers(kafka);
      const pids = new Map(kafka.brokers.map(({ id, pid }) => [id, pid] as const));
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using inspector = await kafkaDriver.inspect('lab', config, soon());
      // No message is sent between the two halves, so that the log has a stable end.
      await using run = await driveRun(kafka.configPath, {
        messageSize: '200B',
        partitions: 1,
        replicationFactor: 2,
        acks: 'leader',
        warmUp: '0s',
        groups: [
          {
            name: 'late',
            stopped: [
              {
                from: '0.1s',
                to: '70s',
              },
            ],
          },
        ],
        profile: {
          kind: 'replay',
          points: [
            ...[0, 10].map((time) => ({
              time,
              rate,
            })),
            ...[11, 74].map((time) => ({
              time,
              rate: 0,
            })),
            ...[75, 83].map((time) => ({
              time,
              rate,
            })),
          ],
        },
      });
      const [{ leader = '', replicas } = { replicas: [] as string[] }] = await partitionsOf(inspector, run.topic);
      const follower = replicas.find((id) => id !== leader) ?? '';
      await run.at(4);
      process.kill(pids.get(follower) ?? Number.NaN, 'SIGSTOP');
      await run.at(11.5);
      const third = kafka.brokers.find(({ id }) => id !== leader && id !== follower)?.address ?? '';
      await using tools = await kafkaTools(defaultKafkaVersion, third);
      await expect
        .poll(() => partitionsOf(inspector, run.topic).then(([one]) => one?.inSyncReplicas.join()), pollOptions)
        .toBe(leader);
      const before = await endOf(tools, run.topic);
      await brokers.get(leader)?.end('SIGKILL');
      process.kill(pids.get(follower) ?? Number.NaN, 'SIGCONT');
      await expect
        .poll(
          () =>
            partitionsOf(inspector, run.topic).then(
              ([one]) => one?.leader,
              () => undefined,
            ),
          pollOptions,
        )
        .toBe(follower);
      const after = await endOf(tools, run.topic);
      expect(run.elapsed()).toBeLessThan(70);

      const { ended, ledger } = await run.result();
      process.stdout.write(`${JSON.stringify({ before, after, ended, ledger })}\n`);
      expect(before - after).toBeGreaterThan(rate);
      expect(ended.exitCode).toBe(0);
      const [group] = ledger.groups;
      expect(group).toMatchObject({ lost: before - after, unread: 0, corrupted: 0, untoldButDelivered: 0 });
      expect(group?.places).toMatchObject([{ partition: 0, lost: before - after }]);
      expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 1 } });
    },
    240_000,
  );

  for (const idempotent of [false, true]) {
    requires('java', 'maven').test(
      `acks=all with two in-sync replicas loses nothing when leaders are killed three times, ${idempotent ? 'idempotent' : 'sent once'}`,
      async () => {
        await using kafka = await startKafka({
          brokers: 3,
          properties: { ...noticing, 'min.insync.replicas': '2' },
        });
        const brokers = undertakers(kafka);
        const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
        await using inspector = await kafkaDriver.inspect('lab', config, soon());
        const workload = {
          messageSize: '200B',
          partitions: 6,
          replicationFactor: 3,
          acks: 'all',
          idempotent,
          warmUp: '0s',
          outage: '45s',
          profile: {
            kind: 'constant',
            rate: 200,
            duration: '160s',
          },
        };
        await using run = await driveRun(kafka.configPath, workload, '--keep-topic');
        const partitions = () => partitionsOf(inspector, run.topic).catch(() => []);
        const whole = () =>
          partitions().then(
            (all) => all.length === 6 && all.every(({ inSyncReplicas }) => inSyncReplicas.length === 3),
          );
        const killed: string[] = [];
        for (const second of [6, 16, 26]) {
          await run.at(second);
          await expect.poll(whole, pollOptions).toBe(true);
          const [first] = await partitions();
          const leader = first?.leader ?? '';
          await brokers.get(leader)?.end('SIGKILL');
          killed.push(`${leader} at ${run.elapsed().toFixed(1)} s`);
          await expect.poll(() => partitions().then((all) => all[0]?.leader !== leader), pollOptions).toBe(true);
          const revived = brokers.get(leader)?.revive();
          if (revived !== undefined) brokers.set(leader, undertakerOf(revived));
        }
        expect(run.elapsed(), killed.join(', ')).toBeLessThan(150);
        await expect.poll(whole, pollOptions).toBe(true);

        const { ended, ledger } = await run.result();
        await using tools = await kafkaTools(defaultKafkaVersion, kafka.bootstrap[0] ?? '');
        const stored = await endOf(tools, run.topic);
        process.stdout.write(`${JSON.stringify({ killed, stored, ended, ledger })}\n`);
        expect(ended.exitCode).toBe(0);
        const [group] = ledger.groups;
        expect(group).toMatchObject({ lost: 0, unread: 0, corrupted: 0, foreign: 0, untoldButDelivered: 0 });
        expect(group?.received).toBe(ledger.acknowledged + (group?.unknownFateButDelivered ?? Number.NaN));
        expect(ledger).toMatchObject({ isExact: true, agreement: { agrees: true, partitions: 6, grown: stored } });
        if (idempotent) expect(group).toMatchObject({ duplicated: 0 });
      },
      360_000,
    );
  }
}
