// Moves partitions of a real Kafka under load.

import { expect } from 'vitest';
import { changedKafka, during, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, pollOptions, properties, workload } from '../support/reassign-under-load.ts';

const throttle = ['--throttle', '8000000'];

if (fullMatrix) {
  for (const version of ['4.3.1', '2.8.2']) {
    requires('java', 'maven').test(
      `under load, brokers go from four to three and back, replicas are removed and added, leaders spread: Kafka ${version}`,
      async () => {
        await using kafka = await startKafka({ version, brokers: 4, properties });
        await using cluster = await changedKafka(kafka);
        await using run = await driveRun(kafka.configPath, workload('150s'), '--keep-topic');
        const { topic } = run;
        const spans: Span[] = [];
        const only = ['--topics', topic, ...throttle];
        await run.at(5);
        await during(spans, 'before', run, () => run.at(15));

        const left = await during(spans, 'remove broker 4', run, () => cluster.execute('--remove', '4', ...throttle));
        expect(left, left.stderr).toMatchObject({ exitCode: 0 });
        expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);
        expect(left.stdout).toContain('Broker 4 holds no replicas: it can be stopped.');

        const joined = await during(spans, 'add broker 4', run, () => cluster.execute('--add', '4', ...only));
        expect(joined, joined.stderr).toMatchObject({ exitCode: 0 });
        const { moves, lowerBound } = JSON.parse(joined.stdout) as Record<'moves' | 'lowerBound', { replicas: number }>;
        expect([moves.replicas, lowerBound.replicas]).toEqual([4, 4]);
        expect(holding(await cluster.replicasOf(topic), 4)).toBe(4);

        const fewer = await during(spans, 'two replicas', run, () =>
          cluster.execute('--replication-factor', '2', ...only),
        );
        expect(fewer, fewer.stderr).toMatchObject({ exitCode: 0 });
        expect((await cluster.replicasOf(topic)).every(({ length }) => length === 2)).toBe(true);
        const more = await during(spans, 'three replicas', run, () =>
          cluster.execute('--replication-factor', '3', ...only),
        );
        expect(more, more.stderr).toMatchObject({ exitCode: 0 });
        expect((await cluster.replicasOf(topic)).every(({ length }) => length === 3)).toBe(true);

        await crowdLeaders(cluster, topic);
        const spread = await during(spans, 'leaders', run, () => cluster.execute('--leaders', '--topics', topic));
        expect(spread, spread.stderr).toMatchObject({ exitCode: 0 });
        const led = await cluster.leadersOf(topic);
        const counts = kafka.brokers.map(({ id }) => led.filter((leader) => leader === id).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);

        expect(await cluster.throttlesLeft(topic)).toEqual([]);
        expect(await cluster.stateFiles()).toHaveLength(5);
        await nothingLost(run, spans);
      },
      420_000,
    );
  }
}

/** Moves all leaders to the broker with most replicas, where possible. */
async function crowdLeaders({ changes, io, replicasOf }: Awaited<ReturnType<typeof changedKafka>>, topic: string) {
  const replicas = await replicasOf(topic);
  const [busiest = 1] = [1, 2, 3, 4].toSorted((one, other) => holding(replicas, other) - holding(replicas, one));
  const wanted = replicas.map((each, partition) => ({
    topic,
    partition,
    replicas: each.toSorted((one, other) => Number(other === busiest) - Number(one === busiest)),
  }));
  await changes.reassign(wanted, io());
  await expect.poll(() => changes.moving(io()), pollOptions).toEqual([]);
  await changes.electPreferred(wanted, io());
}
