// Changes access control rules, SCRAM users and stored records of a real Kafka, and compares the result with Kafka's own tools.

import { mkdtempDisposable, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { stringify } from 'yaml';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { freePorts } from '../../../lab/free-port.ts';
import { administeredLab } from '../../support/administration.ts';
import { kafkaTools } from '../../support/kafka-tools.ts';
import { startKafka } from '../../support/kafka.ts';
import { liveNameOf } from '../../support/live-name.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';

const io = () => ({ signal: AbortSignal.timeout(60_000) });
const scram = 'listener.name.scram';

/** Brokers and the test connect without a password; users log in with SCRAM on a second listener. */
async function guardedKafka() {
  const [port = 0] = await freePorts(1, []);
  const kafka = await startKafka({
    properties: {
      listeners: `SCRAM://127.0.0.1:${port}`,
      'listener.security.protocol.map': 'SCRAM:SASL_PLAINTEXT',
      [`${scram}.sasl.enabled.mechanisms`]: 'SCRAM-SHA-256,SCRAM-SHA-512',
      [`${scram}.scram-sha-256.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      [`${scram}.scram-sha-512.sasl.jaas.config`]: 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      'super.users': 'User:ANONYMOUS',
    },
  });
  const loginAs = async (username: string, password: string, mechanism: string): Promise<string> => {
    vi.stubEnv('SCRAM_PASSWORD', password);
    const config = KafkaClusterConfig.parse({
      broker: 'kafka',
      bootstrap: [`127.0.0.1:${port}`],
      sasl: { mechanism, username, password: '${env:SCRAM_PASSWORD}' },
    });
    try {
      await using inspector = await kafkaDriver.inspect('lab', config, io());
      await inspector.describe(io());
      return 'in';
    } catch (error) {
      return (error as Error).message;
    }
  };
  return { kafka, loginAs };
}

async function send(config: KafkaClusterConfig, topic: string, partition: number, count: number): Promise<void> {
  await using traffic = await kafkaDriver.traffic('lab', config, io());
  await using producer = await traffic.producer({ acks: 'all' });
  const values = Array.from({ length: count }, (_, index) => Buffer.from(`{"id":${index},"card":"4711"}`));
  await producer.send({ topic, partition, values }, io());
}

requires('java', 'maven').test(
  'a user gets a password and rules, loses them, and a rollback restores both',
  async () => {
    const { kafka, loginAs } = await guardedKafka();
    await using _ = kafka;
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });
    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-scram-'));
    const secret = join(folder.path, 'password');
    await writeFile(secret, 'päss word\n');

    const user = ['--user', 'billing', '--password-file', secret];
    const planned = await lab.run('ops kafka alter-scram-user', ...user);
    expect(planned, planned.stderr).toMatchObject({ exitCode: 0, document: { status: 'planned' } });
    expect(await loginAs('billing', 'päss word', 'scram-sha-512')).toMatch(
      /SASL authentication failed|SASL_AUTHENTICATION_FAILED/,
    );
    const made = await lab.run('ops kafka alter-scram-user', ...user, '--execute');
    expect(made, made.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    expect(JSON.stringify(made)).not.toContain('päss');
    expect(await loginAs('billing', 'päss word', 'scram-sha-512')).toBe('in');
    expect(await loginAs('billing', 'other', 'scram-sha-512')).toMatch(
      /SASL authentication failed|SASL_AUTHENTICATION_FAILED/,
    );

    const rule = ['--principal', 'User:billing', '--topic', 'order-', '--prefix', '--operation', 'Read'];
    const granted = await lab.run('ops kafka alter-acls', ...rule, '--operation', 'Describe', '--execute');
    expect(granted, granted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    expect((await lab.plain('get acls')).stdout).toMatch(/User:billing +allow +Read +topic +order-\* +any/);
    const again = await lab.run('ops kafka alter-acls', ...rule);
    expect(
      again.document?.findings.map(({ code }) => code),
      again.stderr,
    ).toEqual(['nothing-to-do']);
    const taken = await lab.run('ops kafka alter-acls', ...rule, '--remove', '--execute');
    expect(taken, taken.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    const left = (await lab.plain('get acls')).stdout;
    expect(left).toMatch(/User:billing +allow +Describe/);
    expect(left).not.toMatch(/User:billing +allow +Read/);

    const gone = await lab.run('ops kafka alter-scram-user', '--user', 'billing', '--remove', '--execute');
    expect(gone, gone.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
    expect(await loginAs('billing', 'päss word', 'scram-sha-512')).toMatch(
      /SASL authentication failed|SASL_AUTHENTICATION_FAILED/,
    );
  },
  120_000,
);

requires('java', 'maven').test(
  'receive returns messages in order and masked, commits only if requested, and deletes up to an offset',
  async () => {
    await using kafka = await startKafka();
    const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
    await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });
    await lab.run('ops kafka create-topic --topic orders --partitions 2 --replication-factor 1', '--execute');
    await send(config, 'orders', 0, 5);
    await send(config, 'orders', 1, 3);

    const named = ['--topic', 'orders'];
    const first = await lab.plain('receive', ...named);
    expect(first).toMatchObject({ exitCode: 0, stdout: '{"id":0,"card":"4711"}\n' });
    expect(first.stderr).toContain('next: partition 0 at offset 1; nothing was committed');
    const group = ['--group', 'billing', '--count', '2'];
    const confirm = ['--commit', `--confirm=${liveNameOf(kafka)}`];
    const committed = await lab.plain('receive', ...named, ...group, '--partition', '0', ...confirm);
    expect(committed.stdout, committed.stderr).toBe('{"id":0,"card":"4711"}\n{"id":1,"card":"4711"}\n');
    const onward = await lab.plain('receive', ...named, ...group, '--partition', '0');
    expect(onward.stdout, onward.stderr).toBe('{"id":2,"card":"4711"}\n{"id":3,"card":"4711"}\n');
    const none = await lab.plain('receive', ...named, '--partition', '1', '--offset', '3');
    expect(none).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringContaining('no message') });

    const deleting = [...named, '--partition', '0', '--before-offset', '4'];
    const refused = await lab.run('ops kafka delete-records', ...deleting, '--execute', '--confirm-name', 'orders');
    expect(refused).toMatchObject({
      exitCode: 5,
      stderr: expect.stringContaining('group billing has not read 2 of them'),
    });
    const accepted = [...deleting, '--accept-readers', '--execute', '--confirm-name', 'orders'];
    const deleted = await lab.run('ops kafka delete-records', ...accepted);
    expect(deleted.document?.steps[0]?.evidence, deleted.stderr).toEqual(['partition 0 starts at 4']);
    const rest = await lab.plain('receive', ...named, '--partition', '0', '--count', '9');
    expect(rest.stdout).toBe('{"id":4,"card":"4711"}\n');

    await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-masks-'));
    const configPath = join(folder.path, 'plimsoll.yaml');
    const messages = { mask: [{ topics: 'order*', fields: ['card', '$key'] }] };
    await writeFile(
      configPath,
      stringify({ clusters: { lab: { broker: 'kafka', bootstrap: kafka.bootstrap } }, service: { messages } }),
    );
    await using masked = await administeredLab({ configPath, config, confirmed: liveNameOf(kafka) });
    for (const command of ['receive', 'get messages']) {
      const shown = await masked.plain(command, ...named);
      expect(shown.stdout, shown.stderr).toContain('•••');
      expect(shown.stdout).not.toContain('4711');
      const json = await masked.plain(command, ...named, '--json');
      const [message] = (JSON.parse(json.stdout) as { messages: { valueBase64: string; valueBytes: number }[] })
        .messages;
      expect(Buffer.from(message?.valueBase64 ?? '', 'base64').toString()).toMatch(/^\{"id":\d,"card":"•••"\}$/);
      expect(message?.valueBytes).toBe(22);
    }
    const searched = await masked.plain('get messages', ...named, '--contains', '4711');
    expect(searched).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('cannot be searched') });
  },
  120_000,
);

if (fullMatrix) {
  requires('java', 'maven').test(
    "Kafka's own tools show the requested rules, users and offsets, also after a kill and a rollback",
    async () => {
      const { kafka } = await guardedKafka();
      await using _ = kafka;
      const config = KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
      await using lab = await administeredLab({ ...kafka, config, confirmed: liveNameOf(kafka) });
      await using tools = await kafkaTools('4.3.1', kafka.bootstrap.join());
      await using folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-test-scram-'));
      const secret = join(folder.path, 'password');
      await writeFile(secret, 'secret');

      const user = ['--user', 'billing', '--mechanism', 'SCRAM-SHA-256', '--password-file', secret];
      const described = ['--describe', '--entity-type', 'users', '--entity-name', 'billing'];
      await lab.run('ops kafka alter-scram-user', ...user, '--iterations', '4096', '--execute');
      expect(await tools.run('configs', ...described)).toContain('SCRAM-SHA-256=iterations=4096');
      await lab.run(
        'ops kafka alter-scram-user',
        '--user',
        'billing',
        '--mechanism',
        'SCRAM-SHA-256',
        '--remove',
        '--execute',
      );
      expect(await tools.run('configs', ...described)).not.toContain('SCRAM-SHA-256');

      const rule = [
        '--principal',
        'User:billing',
        '--group',
        'billing',
        '--operation',
        'Read',
        '--host',
        '10.0.0.1',
        '--deny',
      ];
      await lab.run('ops kafka alter-acls', ...rule, '--execute');
      const listed = await tools.run('acls', '--list', '--group', 'billing');
      expect(listed).toContain('(principal=User:billing, host=10.0.0.1, operation=READ, permissionType=DENY)');
      await tools.run('acls', '--add', '--allow-principal', 'User:ann', '--operation', 'Read', '--topic', 'orders');
      await lab.killWhen(
        /step 1 of 1, delete-acls/,
        'ops kafka alter-acls',
        '--principal',
        'User:ann',
        '--topic',
        'orders',
        '--operation',
        'Read',
        '--remove',
        '--execute',
      );
      const back = await lab.run('ops kafka alter-acls', '--principal', 'User:ann', '--abort');
      expect(back, back.stderr).toMatchObject({ exitCode: 0, document: { status: 'rolled-back' } });
      expect(await tools.run('acls', '--list', '--topic', 'orders')).toContain('principal=User:ann');

      await lab.run('ops kafka create-topic --topic orders --partitions 1 --replication-factor 1', '--execute');
      await send(config, 'orders', 0, 5);
      const all = ['--topic', 'orders', '--all', '--execute', '--confirm-name', 'orders'];
      const deleted = await lab.run('ops kafka delete-records', ...all);
      expect(deleted, deleted.stderr).toMatchObject({ exitCode: 0, document: { status: 'done' } });
      expect(await tools.run('offsets', '--topic', 'orders', '--time', '-2')).toContain('orders:0:5');
    },
    300_000,
  );
}
