// Checks messages and rollback of reassignments that a real Kafka refuses.

import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { defaultKafkaVersion } from '../../lab/kafka/release.ts';
import { changedKafka, during, type Span } from '../support/changed-kafka.ts';
import { driveRun } from '../support/driven-run.ts';
import { kafkaTools } from '../support/kafka-tools.ts';
import { startKafka, type RunningKafka } from '../support/kafka.ts';
import { liveNameOf } from '../support/live-name.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { holding, nothingLost, properties, workload } from '../support/reassign-under-load.ts';

/** Addresses of the listener without authentication. */
const plainAddresses = ({ configPath, brokers }: RunningKafka) =>
  brokers.map(({ id }) => {
    const file = join(dirname(configPath), `broker-${id}`, 'node.properties');
    return /^listeners=.*?PLAINTEXT:\/\/([^,\s]+)/m.exec(readFileSync(file, 'utf8').replaceAll('\\', ''))?.[1] ?? '';
  });

if (fullMatrix) {
  requires('java', 'maven').test(
    'permission withdrawn midway stops the move with a message; granted again, it continues and rolls back',
    async () => {
      await using kafka = await startKafka({
        brokers: 4,
        listener: 'sasl-plain',
        properties: {
          ...properties,
          'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
          'allow.everyone.if.no.acl.found': 'true',
          // Users of the other listener: the brokers themselves, and this test.
          'super.users': 'User:ANONYMOUS',
        },
      });
      const plain = plainAddresses(kafka);
      await using cluster = await changedKafka({ ...kafka, bootstrap: plain });
      await using tools = await kafkaTools(defaultKafkaVersion, plain.join());
      /** Cluster rules allow their user only the named operations. */
      const allow = (...operations: string[]) =>
        tools.run(
          'acls',
          '--add',
          '--cluster',
          '--allow-principal',
          'User:lab',
          ...operations.flatMap((operation) => ['--operation', operation]),
        );
      const forgetRules = () => tools.run('acls', '--remove', '--force', '--cluster');
      // The first call waits for a JVM; later ones return before a move ends.
      await tools.run('acls', '--list');
      await using run = await driveRun(kafka.configPath, workload('170s'), '--keep-topic');
      const { topic } = run;
      const spans: Span[] = [];
      await run.at(15);
      const slowly = ['--topics', topic, '--moves-per-broker', '1', '--throttle', '1500000', '--interval', '1'];
      const words = [...slowly, '--execute', `--confirm=${liveNameOf(kafka)}`];

      await during(spans, 'may not move any more', run, async () => {
        const leaving = cluster.start('--remove', '4', ...words);
        await cluster.untilMoving();
        await allow('Describe', 'DescribeConfigs', 'AlterConfigs');
        const stopped = await leaving.ended;
        expect(stopped, stopped.stderr).toMatchObject({ exitCode: 6 });
        expect(stopped.stderr).toMatch(/the change stopped: .*CLUSTER_AUTHORIZATION_FAILED/);
        expect(stopped.stderr).toMatch(/\d of \d replicas are where they should be\. Nothing moves\./);
        expect(await cluster.throttlesLeft(topic)).toEqual([]);
        await forgetRules();
        const on = await cluster.start('--resume').ended;
        expect(on, on.stderr).toMatchObject({ exitCode: 0 });
        expect(on.stderr).toContain('done: all waves, leaders and checks');
      });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);

      await during(spans, 'may not change settings any more', run, async () => {
        const adding = cluster.start('--add', '4', ...words);
        await cluster.untilMoving();
        await allow('Describe', 'DescribeConfigs');
        const stopped = await adding.ended;
        expect(stopped, stopped.stderr).toMatchObject({ exitCode: 6 });
        expect(stopped.stderr).toMatch(/Still set: .*replication\.throttled\.rate of broker \d/);
        await forgetRules();
        const back = await cluster.start('--abort').ended;
        expect(back, back.stderr).toMatchObject({ exitCode: 0 });
      });
      expect(holding(await cluster.replicasOf(topic), 4)).toBe(0);
      expect(await cluster.throttlesLeft(topic)).toEqual([]);
      await nothingLost(run, spans);
    },
    420_000,
  );
}
