// Changes settings, quotas and groups of a real Kafka, and compares the result with Kafka's own tools.

import { expect } from 'vitest';
import { createReach } from '../../../brokers/kafka/changes/reach.ts';
import { commitFromOutside } from '../../../brokers/kafka/commit-from-outside.ts';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { systemClock } from '../../../core/clock.ts';
import { administeredLab } from '../../support/administration.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });

if (fullMatrix) {
  requires('java', 'maven').test(
    "Kafka's own tools show the requested settings, quotas and groups, and a stopped change is rolled back",
    async () => {
      await using kafka = await startKafka();
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });
      await using tools = await kafkaTools('4.3.1', kafka.bootstrap.join());
      const brokerId = kafka.brokers[0]?.id ?? '';

      const settings = ['--all-brokers', '--set', 'log.cleaner.threads=2'];
      const changed = await lab.run('ops kafka alter-config', ...settings, '--execute');
      expect(changed.document?.steps[0]?.evidence, changed.stderr).toEqual(['log.cleaner.threads: 1 (default) → 2']);
      const described = ['--describe', '--entity-type', 'brokers'];
      expect(await tools.run('configs', ...described, '--entity-default')).toContain('log.cleaner.threads=2');
      await lab.run('ops kafka alter-config', '--all-brokers', '--reset', 'log.cleaner.threads', '--execute');
      expect(await tools.run('configs', ...described, '--entity-default')).not.toContain('log.cleaner.threads');
      const own = await lab.run(
        'ops kafka alter-config',
        '--broker',
        brokerId,
        '--set',
        'num.io.threads=3',
        '--execute',
      );
      expect(own, own.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await tools.run('configs', ...described, '--entity-name', brokerId)).toContain('num.io.threads=3');
      // The broker itself refuses more than twice the current value.
      const tooMany = await lab.run('ops kafka alter-config', '--broker', brokerId, '--set', 'num.io.threads=99');
      expect(tooMany).toMatchObject({
        exitCode: 2,
        stderr: expect.stringContaining('should not be greater than double'),
      });
      const readOnly = await lab.run('ops kafka alter-config', '--broker', brokerId, '--set', 'node.id=7');
      expect(readOnly).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('read-only') });
      const gone = await lab.run('ops kafka alter-config', '--broker', '77', '--set', 'num.io.threads=3');
      expect(gone).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('broker 77 is not in cluster') });

      const quota = ['--user', 'alice', '--set', 'producer_byte_rate=1048576', '--execute'];
      const set = await lab.run('ops kafka alter-quotas', ...quota);
      expect(set, set.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      const quotas = ['--describe', '--entity-type', 'users', '--entity-name', 'alice'];
      expect(await tools.run('configs', ...quotas)).toContain('producer_byte_rate=1048576');
      const listed = await lab.plain('get quotas');
      expect(listed.stdout).toMatch(/user alice +1\.0\d? MB\/s|user alice +1 MiB\/s|user alice +1\.05 MB\/s/);
      await lab.run('ops kafka alter-quotas', '--user', 'alice', '--remove', 'producer_byte_rate', '--execute');
      expect(await tools.run('configs', ...quotas)).not.toContain('producer_byte_rate');

      const sent = await lab.plain('send', '--topic', 'orders', '--value', 'none');
      expect(sent).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('no topic orders') });
      await lab.run('ops kafka create-topic --topic orders --partitions 1 --replication-factor 1', '--execute');
      const message = ['--topic', 'orders', '--key', '4711', '--header', 'source=test', '--value', 'one'];
      const planned = await lab.plain('send', ...message);
      expect(planned.stdout, planned.stderr).toContain('would send 3 B to orders, partition 0');
      const stored = await lab.plain('send', ...message, '--execute', `--confirm=${liveNameOf(kafka)}`);
      expect(stored.stdout, stored.stderr).toContain('sent 3 B to orders, partition 0, offset 0');
      const read = await lab.plain('get message', '--topic', 'orders', '--partition', '0', '--offset', '0');
      expect(read.stdout).toMatch(/property source +test[\s\S]*key +4711[\s\S]*one/);

      await using reach = createReach('lab', config, systemClock);
      await commitFromOutside(reach, 'billing', 'orders', new Map([[0, 1n]]), io());
      const copied = await lab.run('ops offsets copy', '--group', 'billing-v2', '--from', 'billing', '--execute');
      expect(copied.exitCode, copied.stderr).toBe(0);
      expect(await tools.run('groups', '--describe', '--group', 'billing-v2')).toMatch(
        /billing-v2\s+orders\s+0\s+1\s+1/,
      );

      const deleting = ['--group', 'billing', '--execute', '--confirm-name', 'billing'];
      await lab.killWhen(/step 2 of 2, delete-group/, 'ops kafka delete-group', ...deleting);
      const back = await lab.run('ops kafka delete-group', '--group', 'billing', '--abort');
      expect(back, back.stderr).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
      expect(await tools.run('groups', '--describe', '--group', 'billing')).toMatch(/billing\s+orders\s+0\s+1\s+1/);

      await using traffic = await kafkaDriver.traffic('lab', config, io());
      {
        await using consumer = await traffic.consumer({ group: 'billing', topic: 'orders', from: 'start' });
        const stop = new AbortController();
        const { promise: assigned, resolve } = Promise.withResolvers<void>();
        const reading = consumer.run(() => {}, { signal: stop.signal, onAssigned: resolve });
        await assigned;
        const refused = await lab.run('ops kafka delete-group', ...deleting);
        expect(refused).toMatchObject({ exitCode: 5, stderr: expect.stringContaining('group billing has members') });
        stop.abort();
        await reading.catch(() => undefined);
      }
      const deleted = await lab.run('ops kafka delete-group', ...deleting);
      expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect((await tools.run('groups', '--list')).split('\n')).not.toContain('billing');

      const acls = await lab.plain('get acls');
      expect(acls.stderr).toContain('SECURITY_DISABLED');
    },
    300_000,
  );
}
