// Runs real Kafka brokers under supervisord on separate hosts: inventory, start, stop, restart, and reasons that prevent a start.

import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { KafkaClusterConfig } from '../../../brokers/kafka/config.ts';
import { InstancesDocument } from '../../../core/documents/instances.ts';
import { administeredLab, type AdministeredLab } from '../../support/administration.ts';
import { seconds, systemClock } from '../../../core/clock.ts';
import { watchInstances } from '../../../service/instances/instance-watch.ts';
import { asking, type Answer } from '../../support/asking.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { rollThreeBrokers } from '../../support/rolling-restart.ts';
import { startSupervisedKafka, type SupervisedKafka } from '../../support/supervised-kafka.ts';

requires('root', 'java', 'maven', 'sshd', 'supervisor').describe('a broker under supervisord', () => {
  let kafka: SupervisedKafka;
  let lab: AdministeredLab;
  let ask: (...words: readonly string[]) => Promise<Answer>;

  beforeAll(async () => {
    kafka = await startSupervisedKafka({ brokers: 1 });
    lab = await administeredLab({
      configPath: kafka.configPath,
      config: config(),
      confirmed: kafka.clusterId,
    });
    ({ ask } = asking('--config', kafka.configPath));
  });
  afterAll(async () => {
    await lab?.[Symbol.asyncDispose]();
    await kafka?.[Symbol.asyncDispose]();
  });

  const config = () => KafkaClusterConfig.parse({ broker: 'kafka', bootstrap: kafka.bootstrap });
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

  test('discover writes the running broker, and list shows it with version, port and start', async () => {
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
    const watch = watchInstances({ configFile: kafka.configPath, every: seconds(60), clock: systemClock });
    await watch.job.run({ signal: new AbortController().signal });
    expect(watch.current()).toEqual([await only()]);
  });

  test('a plan changes nothing', async () => {
    const { pid } = await only();
    const { exitCode, document } = await lab.run('instances restart', 'broker-1');
    expect({ exitCode, status: document?.status }).toEqual({ exitCode: 0, status: 'planned' });
    expect(document?.steps.map(({ id }) => id)).toEqual([
      'stop-broker-1',
      'see-startable-broker-1',
      'start-broker-1',
      'await-serving-broker-1',
    ]);
    expect(document?.findings.filter(({ severity }) => severity === 'critical')).toEqual([]);
    expect((await only()).pid).toBe(pid);
  });

  test('a restart killed midway is resumed', async () => {
    const { pid } = await only();
    await lab.killWhen(/, start-broker-1:/, 'instances restart', 'broker-1', '--execute');
    const { exitCode, document, stderr } = await lab.separately('instances restart', 'broker-1', '--resume');
    expect({ exitCode, status: document?.status, stderr }).toMatchObject({ exitCode: 0, status: 'done' });
    expect(document?.steps.at(-1)?.evidence.join()).toContain('its log states that it serves');
    const after = await only();
    expect(after).toMatchObject({ state: 'running', restartsLastHour: 1 });
    expect(after.pid).not.toBe(pid);
    expect(stderr).toContain('removed the lease of a former process of this machine');
    expect((await ask('ops', 'status')).stdout).toMatch(/lab +free/);
  });

  if (!fullMatrix) return;

  test('a stopped broker is not in its desired state', async () => {
    const { exitCode, document, stderr } = await lab.separately('instances stop', 'broker-1', '--execute');
    expect({ exitCode, status: document?.status, stderr }).toMatchObject({ exitCode: 0, status: 'done' });
    const status = await ask('instances', 'status');
    expect(status.exitCode).toBe(6);
    expect(status.stdout).toContain('0 of 1 instances are in the desired state');
  });

  test('a start is refused while the port is in use or the data belongs to another cluster', async () => {
    const { broker } = host();
    const other: Server = createServer().listen(broker.port, '127.0.0.1');
    await once(other, 'listening');
    const meta = `${broker.dataDirectory}/meta.properties`;
    const before = await readFile(meta, 'utf8');
    await writeFile(meta, before.replace(/cluster\.id=.*/, 'cluster.id=another'));
    const { stderr, exitCode } = await lab.run('instances start', 'broker-1', '--execute');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 5 });
    expect(stderr).toContain(
      `port ${broker.port} of broker-1 is in use on host host-1 by a process that this login cannot see`,
    );
    expect(stderr).toContain('is of cluster another, and lab is');
    await writeFile(meta, before);
    other.close();
    await once(other, 'close');
    expect((await only()).state).toBe('stopped');
  });

  test('an error in the start-up log is explained, and the crash loop is shown', async () => {
    const { settings } = host();
    const before = await readFile(settings, 'utf8');
    await writeFile(settings, `${before}num.io.threads=many\n`);
    const { exitCode, stderr } = await lab.separately('instances start', 'broker-1', '--execute');
    expect({ exitCode, stderr }).toMatchObject({ exitCode: 6 });
    expect(stderr).toContain('a setting is missing or invalid');
    expect(stderr).toContain('num.io.threads');
    await vi.waitFor(async () => expect((await only()).state).toBe('crash-loop'), { timeout: 150_000, interval: 500 });
    await writeFile(settings, before);
    const aborted = await lab.separately('instances start', 'broker-1', '--abort');
    expect(aborted.document?.status).toBe('rolled-back');
    expect((await only()).pid).toBeUndefined();
  });

  test('a broker can be started although no broker of its cluster responds', async () => {
    const { exitCode, document, stderr } = await lab.separately('instances start', 'broker-1', '--execute');
    expect({ exitCode, status: document?.status, stderr }).toMatchObject({ exitCode: 0, status: 'done' });
    expect(stderr).toContain('without the lease of the cluster');
    expect((await only()).pid).toBeGreaterThan(0);
  });
});

if (fullMatrix) {
  requires('root', 'java', 'maven', 'sshd', 'supervisor').test(
    'a rolling restart of three brokers loses no acknowledged message, and is resumed after a kill',
    rollThreeBrokers,
    480_000,
  );
}
