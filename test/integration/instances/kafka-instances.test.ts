// Real Kafka brokers under supervisord on separate hosts: what is listed while one runs, is stopped, and ends whenever it is started.

import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InstancesDocument } from '../../../core/documents/instances.ts';
import { ignoreFault } from '../../../core/ignore-fault.ts';
import { asking, type Answer } from '../../support/asking.ts';
import { requires } from '../../support/prerequisites.ts';
import { startSupervisedKafka, type SupervisedKafka } from '../../support/supervised-kafka.ts';

requires('root', 'java', 'maven', 'sshd', 'supervisor').describe('a broker under supervisord', () => {
  let kafka: SupervisedKafka;
  let ask: (...words: readonly string[]) => Promise<Answer>;

  beforeAll(async () => {
    kafka = await startSupervisedKafka({ brokers: 1 });
    ({ ask } = asking('--config', kafka.configPath));
  });
  afterAll(async () => {
    await kafka?.[Symbol.asyncDispose]();
  });

  const only = async () => {
    const { stdout } = await ask('instances', 'list', '--json');
    const [instance] = InstancesDocument.parse(JSON.parse(stdout)).instances;
    if (instance === undefined) throw new Error('no instance');
    return instance;
  };
  const host = () => {
    const [first] = kafka.hosts;
    if (first === undefined) throw new Error('no host');
    return first;
  };

  test('discover writes what runs, and list shows it with version, port and start', async () => {
    await vi.waitFor(async () => expect((await only()).state).toBe('running'), { timeout: 150_000, interval: 500 });
    expect(await ask('instances', 'discover')).toMatchObject({ exitCode: 0 });
    const { broker, settings, config } = host();
    expect(await readFile(kafka.instancesPath, 'utf8')).toContain(`config: ${config}`);
    expect(await only()).toMatchObject({
      name: 'broker-1',
      cluster: 'lab',
      host: 'host-1',
      role: 'kafka-broker-controller',
      broker: '1',
      desired: 'running',
      state: 'running',
      startedBy: 'supervisord',
      version: '4.3.1',
      port: broker.port,
      directories: [broker.dataDirectory],
      settings,
      restartsLastHour: 0,
    });
  });

  test('a broker that was stopped is not in its desired state', async () => {
    const { config } = host();
    await promisify(execFile)('supervisorctl', ['-c', config, 'stop', 'kafka']);
    const status = await ask('instances', 'status');
    expect(status.exitCode).toBe(6);
    expect(status.stdout).toContain('0 of 1 instances are in the desired state');
    expect((await only()).state).toBe('stopped');
  });

  test('a broker that ends whenever it is started is in a crash loop', async () => {
    const { config, settings } = host();
    await writeFile(settings, `${await readFile(settings, 'utf8')}num.io.threads=many\n`);
    await promisify(execFile)('supervisorctl', ['-c', config, 'start', 'kafka']).catch(
      ignoreFault('it does not start'),
    );
    await vi.waitFor(async () => expect((await only()).state).toBe('crash-loop'), { timeout: 150_000, interval: 500 });
  });
});
