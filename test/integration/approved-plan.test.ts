// Checks on real clusters that exactly the approved plan is executed.

import { expect } from 'vitest';
import { openKafkaChanges } from '../../brokers/kafka/changes/kafka-changes.ts';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { changedCluster } from '../support/changed-cluster.ts';
import { startKafka } from '../support/kafka.ts';
import type { Finished } from '../support/plimsoll.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq } from '../support/rocketmq.ts';
import { twoPeople } from '../support/two-person-approval.ts';

const io = { signal: new AbortController().signal };

const refusal = ({ exitCode, stdout }: Finished) => {
  const { error } = JSON.parse(stdout) as { error?: { code: string; message: string } };
  return { exitCode, code: error?.code, message: error?.message };
};

if (fullMatrix) {
  requires('java', 'maven').test(
    'a reassignment is executed as approved, and refused if its plan has changed: Kafka',
    async () => {
      await using kafka = await startKafka({ brokers: 3 });
      await using people = await twoPeople(kafka);
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using admin = await kafkaDriver.administer('lab', config, io);
      await admin.createTopic({ name: 'orders', partitions: 6, replicationFactor: 1 }, io);
      await using changes = openKafkaChanges('lab', config);
      const holders = async () => {
        const { topics } = await changes.describe(io);
        const { partitions = [] } = topics.find(({ name }) => name === 'orders') ?? {};
        return [...new Set(partitions.flatMap(({ replicas }) => replicas.map(Number)))].sort((a, b) => a - b);
      };
      expect(await holders()).toEqual([1, 2, 3]);
      const reassign = ['ops', 'kafka', 'reassign', '--topics', 'orders', '--network', '1gbit', '--interval', '1'];
      const [wanted, other] = [
        [...reassign, '--remove', '3'],
        [...reassign, '--remove', '2'],
      ];

      expect(refusal(await people.execute(wanted))).toMatchObject({ exitCode: 5, code: 'approval-missing' });
      const approval = await people.approved(...wanted);
      expect(refusal(await people.execute(other, '--approval', approval))).toMatchObject({
        exitCode: 5,
        code: 'approval-refused',
        message: expect.stringContaining('it is for another plan'),
      });
      expect(await holders()).toEqual([1, 2, 3]);

      const done = await people.execute(wanted, '--approval', approval);
      expect(done, done.stderr).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(done.stdout)).toMatchObject({ executed: { status: 'done' } });
      expect(await holders()).toEqual([1, 2]);
      expect(await people.audit()).toMatchObject([{ change: 'reassign', approval: { approver: 'alice' } }]);
    },
    200_000,
  );

  requires('java', 'maven').test(
    'queues are changed as approved, and refused if the plan has changed: RocketMQ',
    async () => {
      await using lab = await startRocketmq();
      await using people = await twoPeople(lab);
      await using cluster = changedCluster(lab);
      await cluster.define('orders', ['billing']);
      const [nameServer = ''] = lab.namesrv;
      const to = (count: number) => [
        'ops',
        'rocketmq',
        'queues',
        '--topic',
        'orders',
        '--to',
        String(count),
        '--settle',
        '0s',
        '--wait',
        '60s',
      ];

      expect(refusal(await people.execute(to(4)))).toMatchObject({ exitCode: 5, code: 'approval-missing' });
      const approval = await people.approved(...to(4));
      expect(refusal(await people.execute(to(8), '--approval', approval))).toMatchObject({
        exitCode: 5,
        code: 'approval-refused',
        message: expect.stringContaining('it is for another plan'),
      });
      expect(await cluster.queues('orders', nameServer)).toEqual({ 'broker-a': '2/2' });

      const done = await people.execute(to(4), '--approval', approval);
      expect(done, done.stderr).toMatchObject({ exitCode: 0 });
      expect(JSON.parse(done.stdout)).toMatchObject({ status: 'done' });
      expect(await cluster.queues('orders', nameServer)).toEqual({ 'broker-a': '4/4' });
      expect(await people.audit()).toMatchObject([{ change: 'queues', approval: { approver: 'alice' } }]);
    },
    200_000,
  );
}
