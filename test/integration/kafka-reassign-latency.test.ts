// Measures latency of producers while replicas of a real three-broker Kafka move, with and without pauses between hand-overs.

import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { changedKafka, during, latencies, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { pollOptions } from '../support/reassign-under-load.ts';

const workload = {
  messageSize: '1KB',
  partitions: 12,
  replicationFactor: 2,
  acks: 'all',
  idempotent: true,
  warmUp: '0s',
  outage: '60s',
  profile: { kind: 'constant', rate: 1000, duration: '185s' },
};

/** Returns microseconds in which a task of the whole machine waited for a CPU (Documentation/accounting/psi.rst). */
function waitedForCpu(): number {
  return Number(/some .*total=(\d+)/.exec(readFileSync('/proc/pressure/cpu', 'utf8'))?.[1]);
}

if (fullMatrix) {
  requires('java', 'maven').test(
    'producers wait during hand-overs, and less often when these are spaced out',
    async () => {
      await using kafka = await startKafka({ brokers: 3 });
      await using cluster = await changedKafka(kafka);
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      {
        await using admin = await kafkaDriver.administer('lab', config, cluster.io());
        await admin.createTopic({ name: 'plimsoll-canary', partitions: 3, replicationFactor: 2 }, cluster.io());
      }
      await using run = await driveRun(kafka.configPath, workload, '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      const pressure: Record<string, number> = {};
      const span = <Value>(name: string, act: () => Promise<Value>) =>
        during(spans, name, run, async () => {
          const [from, at] = [waitedForCpu(), performance.now()];
          const value = await act();
          pressure[name] = (waitedForCpu() - from) / 1000 / (performance.now() - at);
          return value;
        });
      /** Moves three partitions off broker 3, so that three replicas have to return. */
      const uneven = async () => {
        const replicas = await cluster.replicasOf(topic);
        const moved = replicas
          .flatMap((each, partition) => (each.includes(3) ? [{ each, partition }] : []))
          .slice(0, 3)
          .map(({ each, partition }) => ({
            topic,
            partition,
            replicas: each.map((id) => (id === 3 ? 3 - (each.find((other) => other !== 3) ?? 1) : id)),
          }));
        await cluster.changes.reassign(moved, cluster.io());
        await expect.poll(() => cluster.changes.moving(cluster.io()), pollOptions).toEqual([]);
        await cluster.changes.electPreferred(moved, cluster.io());
      };
      const words = ['--topics', topic, '--throttle', '8000000'];

      await run.at(8);
      await span('before', () => run.at(23));
      await uneven();
      await run.at(run.elapsed() + 5);
      const unspaced = await span('not spaced', () => cluster.execute(...words, '--delayed-writes', 'off'));
      expect(unspaced, unspaced.stderr).toMatchObject({ exitCode: 0 });
      await uneven();
      await run.at(run.elapsed() + 5);
      const spaced = await span('spaced', () =>
        cluster.execute(...words, '--delayed-writes', '0.5%', '--canary', 'plimsoll-canary'),
      );
      expect(spaced, spaced.stderr).toMatchObject({ exitCode: 0 });
      process.stdout.write(`${JSON.stringify({ pressure, spaced: spaced.stderr.split('\n') })}\n`);
      expect(run.elapsed()).toBeLessThan(185);
      const { ended, ledger, journal } = await run.result();
      const rows = latencies(journal, spans);
      process.stdout.write(`${JSON.stringify(rows)}\n`);
      expect(ended.exitCode).toBe(0);
      expect(ledger.groups[0]).toMatchObject({ lost: 0, unread: 0, duplicated: 0, reordered: 0 });
      const [before, , after] = rows;
      expect(after?.p99).toBeLessThan(3 * (before?.p99 ?? 0));
    },
    420_000,
  );
}
