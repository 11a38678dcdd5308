// Kills Plimsoll and a broker during reassignments, leader changes and retention reductions.

import { expect } from 'vitest';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { changedKafka, during, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { kafkaTools } from '../support/kafka-tools.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, pollOptions, properties, workload } from '../support/reassign-under-load.ts';
import { undertakerOf } from '../support/revive.ts';
import type { RunningCli } from '../support/run-cli.ts';

type Changed = Awaited<ReturnType<typeof changedKafka>>;

const undertaker = ({ brokers }: RunningKafka, broker: string) =>
  undertakerOf(brokers.find(({ id }) => id === broker)?.pid ?? Number.NaN);

async function allThere({ changes, io }: Changed, count: number): Promise<void> {
  await expect.poll(() => changes.describe(io()).then(({ brokers }) => brokers.length), pollOptions).toBe(count);
}

/** A broker that takes longer than 20 s to return stops the change with exit code 6 and a message; then the change is resumed. */
async function toTheEnd(cluster: Changed, going: RunningCli): Promise<void> {
  let { exitCode, stderr } = await going.ended;
  if (exitCode === 6) {
    expect(stderr).toMatch(/the change stopped: .*(not in the cluster|min\.insync\.replicas)/);
    await allThere(cluster, 4);
    ({ exitCode, stderr } = await cluster.start('--resume').ended);
  }
  expect(exitCode, stderr).toBe(0);
}

const allInSync = ({ changes, io }: Changed, topic: string) =>
  changes
    .describe(io())
    .then(({ topics }) => topics.find(({ name }) => name === topic)?.partitions ?? [])
    .then((partitions) =>
      partitions.every(({ replicas, inSyncReplicas }) => inSyncReplicas.length === replicas.length),
    );

if (fullMatrix) {
  requires('java', 'maven').test(
    'adding replicas and spreading leaders survives killing the process, a target broker and a leader',
    async () => {
      await using kafka = await startKafka({ brokers: 4, properties });
      await using cluster = await changedKafka(kafka);
      await using run = await driveRun(kafka.configPath, workload('180s'), '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      let revived: { broker: string; pid: number } | undefined;
      await run.at(20);
      const fewer = await during(spans, 'two replicas', run, () =>
        cluster.execute('--replication-factor', '2', '--topics', topic, '--throttle', '8000000'),
      );
      expect(fewer, fewer.stderr).toMatchObject({ exitCode: 0 });

      await during(spans, 'three replicas, killed twice', run, async () => {
        const words = ['--replication-factor', '3', '--topics', topic, '--throttle', '1500000'];
        // Printed once the change is in the journal; the process may be killed before the controller receives it.
        await cluster.killWhen(/wave: replicas to copy: \d/, ...words);
        const going = cluster.start('--resume');
        await cluster.untilMoving();
        const [first] = await cluster.changes.moving(cluster.io());
        const target = String(first?.adding[0]);
        const filled = undertaker(kafka, target);
        await filled.end('SIGKILL');
        revived = { broker: target, pid: filled.revive() };
        await toTheEnd(cluster, going);
      });
      expect((await cluster.replicasOf(topic)).every(({ length }) => length === 3)).toBe(true);
      await allThere(cluster, 4);
      await expect.poll(() => allInSync(cluster, topic), pollOptions).toBe(true);

      await during(spans, 'leaders, killed twice', run, async () => {
        const replicas = await cluster.replicasOf(topic);
        const crowded = replicas.map((each, partition) => ({
          topic,
          partition,
          replicas: each.toSorted((one, other) => one - other),
        }));
        await cluster.changes.reassign(crowded, cluster.io());
        await expect.poll(() => cluster.changes.moving(cluster.io()), pollOptions).toEqual([]);
        await cluster.changes.electPreferred(crowded, cluster.io());
        await cluster.killWhen(/new replica order/, '--leaders', '--topics', topic);
        const leading = revived?.broker === '1' ? undertakerOf(revived.pid) : undertaker(kafka, '1');
        await leading.end('SIGKILL');
        const going = cluster.start('--resume');
        leading.revive();
        await toTheEnd(cluster, going);
      });
      await allThere(cluster, 4);
      // Preferred leaders are evenly distributed; a broker that has just returned may not lead yet.
      const first = (await cluster.replicasOf(topic)).map(([preferred]) => preferred);
      const counts = [1, 2, 3, 4].map((id) => first.filter((preferred) => preferred === id).length);
      expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      expect(await cluster.throttlesLeft(topic)).toEqual([]);
      await nothingLost(run, spans);
    },
    420_000,
  );

  requires('java', 'maven').test(
    'reduced retention is refused while a group would lose messages, saves bytes, and is restored after SIGKILL',
    async () => {
      const deleting = { 'log.retention.check.interval.ms': '1000', 'log.segment.delete.delay.ms': '1000' };
      await using kafka = await startKafka({ brokers: 4, properties: { ...properties, ...deleting } });
      await using cluster = await changedKafka(kafka);
      const topic = 'plimsoll-orders';
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      {
        await using admin = await kafkaDriver.administer('lab', config, cluster.io());
        const own = { 'segment.bytes': String(2 ** 20), 'retention.ms': '3600000' };
        await admin.createTopic({ name: topic, partitions: 6, replicationFactor: 3, config: own }, cluster.io());
      }
      const retention = async () => {
        const known = await cluster.changes.settingsOf({ kind: 'topic', name: topic }, ['retention.ms'], cluster.io());
        return known.get('retention.ms')?.value;
      };
      const bytesNow = async () =>
        (await cluster.changes.sizes(cluster.io()))
          .flatMap(({ replicas }) => replicas)
          .reduce((sum, each) => sum + (each.topic === topic ? each.bytes : 0), 0);
      await using run = await driveRun(kafka.configPath, { ...workload('150s'), topic });
      const spans: Span[] = [];
      await using tools = await kafkaTools(defaultKafkaVersion, kafka.bootstrap.join());
      const slow = ['--group', 'slow'];
      await run.at(40);
      await tools.run('groups', '--reset-offsets', '--to-earliest', '--execute', ...slow, '--topic', topic);

      const words = ['--remove', '4', '--topics', topic, '--throttle', '3000000', '--cut-retention', '10s'];
      await during(spans, 'refused', run, async () => {
        const refused = await cluster.execute(...words);
        expect(refused, refused.stderr).toMatchObject({ exitCode: 5 });
        expect(refused.stderr).toMatch(
          /A retention of 10 s deletes messages that groups have not read: slow \(\d+ in plimsoll-orders\)/,
        );
        expect(await retention()).toBe('3600000');
        await tools.run('groups', '--delete', ...slow);
      });

      const before = await bytesNow();
      await during(spans, 'cut, killed, resumed', run, async () => {
        await cluster.killWhen(/wave: replicas to copy: \d/, ...words);
        expect(await retention()).toBe('10000');
        const left = await bytesNow();
        process.stdout.write(`${JSON.stringify({ before, left })}\n`);
        expect(left).toBeLessThan(0.9 * before);
        const on = await cluster.start('--resume').ended;
        expect(on, on.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(await retention()).toBe('3600000');
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);
      expect(await cluster.throttlesLeft(topic)).toEqual([]);
      await nothingLost(run, spans);
    },
    420_000,
  );
}
