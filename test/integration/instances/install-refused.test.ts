// Checks each reason that prevents installing or starting a cluster on a real host: the message names it, and nothing is left half done.

import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { kafkaDriver } from '../../../brokers/kafka/driver.ts';
import { InstancesFile } from '../../../core/documents/instances.ts';
import { defaultKafkaVersion, kafkaRelease } from '../../../lab/kafka/release.ts';
import { rulesFolder } from '../../support/alert-rules.ts';
import { asking } from '../../support/asking.ts';
import type { ChangeDocument } from '../../support/change-commands.ts';
import { plainUser, supervisorConfig, type Paused, type RoomHost } from '../../support/host-room.ts';
import { executed, instancesOf, wait } from '../../support/installed-changes.ts';
import { prepareSite, type InstalledSite } from '../../support/installed-site.ts';
import { packedRelease } from '../../support/packed-release.ts';
import { fullMatrix, requires } from '../../support/prerequisites.ts';
import { startPrometheus } from '../../support/prometheus.ts';
import { runCli } from '../../support/run-cli.ts';
import { servePlimsoll } from '../../support/served-plimsoll.ts';

const broker = 'orders-broker-1';
const controller = 'orders-controller-1';
const patience = { timeout: 300_000, interval: 1000 };

/** Listens on a port until end of input. */
const listener = `
import socket, sys
taken = socket.create_server(('0.0.0.0', int(sys.argv[1])))
print('listens', flush=True)
sys.stdin.read()
`;

const needs = [
  'root',
  'ip',
  'java',
  'maven',
  'sshd',
  'supervisor',
  ...(fullMatrix ? ['prometheus' as const] : []),
] as const;

/** Suspends a process for 1.5 s of every 2 s until end of input. */
const stutterer = `
import os, signal, sys, threading
pid, over = int(sys.argv[1]), threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
while not over.wait(0.5):
    os.kill(pid, signal.SIGSTOP)
    over.wait(1.5)
    os.kill(pid, signal.SIGCONT)
`;

requires(...needs).describe('a host unsuitable for a cluster', () => {
  let site: InstalledSite;
  let host: RoomHost;
  const version = `kafka-${defaultKafkaVersion}`;

  beforeAll(async () => {
    const release = await packedRelease('kafka', kafkaRelease(defaultKafkaVersion));
    site = await prepareSite({
      machines: ['worker1'],
      cluster: 'orders',
      layout: { broker: 'kafka', controllers: ['worker1'], brokers: ['worker1'] },
      releases: [release, { ...release, name: 'kafka-forged', sha512: '0'.repeat(128) }],
    });
    const [only] = site.room.hosts;
    if (only === undefined) throw new Error('no host');
    host = only;
  });
  afterAll(() => site?.[Symbol.asyncDispose]());

  const at = (path: string) => join(host.srv, path);
  const writtenFolders = () => ['opt', 'etc'].filter((folder) => existsSync(at(folder)));
  async function occupied(port: number): Promise<AsyncDisposable> {
    const { child, input, output } = host.spawn('python3', '-c', listener, String(port));
    await once(output, 'data');
    return {
      async [Symbol.asyncDispose]() {
        input.end();
        await once(child, 'exit');
      },
    };
  }

  test('an archive with another digest is refused, and nothing is written', async () => {
    await site.render({ kafka: 'kafka-forged' });
    const { exitCode, stderr } = await site.lab.separately('instances install', '--execute');
    await site.render({ kafka: version });
    expect(exitCode, stderr).toBe(5);
    expect(stderr).toMatch(/its sha512 is [0-9a-f]{16}…, and instances.yaml states 0{16}…/);
    expect(writtenFolders()).toEqual([]);
  });

  test('a port in use and data of another cluster are reported together, and nothing is written', async () => {
    await using _ = await occupied(9092);
    mkdirSync(at(`data/${broker}`), { recursive: true });
    const meta = at(`data/${broker}/meta.properties`);
    writeFileSync(meta, 'version=1\ncluster.id=another\nnode.id=101\n');
    const { exitCode, stderr } = await site.lab.separately('instances install', '--execute');
    rmSync(meta);
    expect(exitCode, stderr).toBe(5);
    expect(stderr).toMatch(
      new RegExp(`port 9092 of ${broker} is in use on host worker1 by python3 \\(process \\d+\\)`),
    );
    expect(stderr).toContain('is of cluster another, and orders is');
    expect(writtenFolders()).toEqual([]);
  });

  test('a user without sudo rights is refused with the message of sudo', async () => {
    const { configPath } = site;
    const config = JSON.parse(readFileSync(configPath, 'utf8')) as { hosts: Record<string, object>; instances: string };
    const [path, desired] = ['plimsoll-plain.yaml', 'instances-plain.yaml'].map((name) =>
      join(dirname(configPath), 'rendered', name),
    ) as [string, string];
    const hosts = { worker1: { ...config.hosts['worker1'], user: plainUser } };
    writeFileSync(path, JSON.stringify({ ...config, hosts, instances: desired }));
    const rendered = readFileSync(join(dirname(desired), 'instances.yaml'), 'utf8');
    const file = InstancesFile.parse(parse(rendered));
    const instances = Object.entries(file.instances).map(([name, { install, supervisord, ...each }]) => [
      name,
      { ...each, install: { ...install, sudo: true }, supervisord: { ...supervisord, sudo: true } },
    ]);
    writeFileSync(desired, JSON.stringify({ ...file, instances: Object.fromEntries(instances) }));
    const state = join(dirname(configPath), 'state');
    const words = ['--config', path, '--state-dir', state, '--json'];
    const { exitCode, stderr, stdout } = await runCli('instances', 'install', ...words);
    expect(exitCode, stderr).toBe(0);
    const { findings } = JSON.parse(stdout) as ChangeDocument;
    const refused = findings.filter(({ code }) => code === 'sudo-refused').map(({ message }) => message);
    expect(refused).toHaveLength(2);
    expect(refused[0]).toMatch(/sudo is refused on host worker1: .*sudo/);
    expect(writtenFolders()).toEqual([]);
  });

  if (!fullMatrix) return;

  test('a host that hangs during a copy stops the installation, and --abort leaves nothing behind', async () => {
    const stopped = await hangAt('sshd', /, copy-kafka/, '--execute');
    process.stdout.write(`a host that hangs in a copy: ended after ${stopped.seconds} s: ${stopped.stderr}\n`);
    expect(stopped.seconds).toBeLessThan(90);
    await executed(site, 'install', '--abort');
    expect(installedFiles()).toEqual([]);
  }, 900_000);

  test('a supervisor that never responds is named in the error, and --abort leaves nothing behind', async () => {
    const stopped = await hangAt('supervisord', new RegExp(`, register-${broker}`), '--execute');
    process.stdout.write(`a supervisor that hangs: ended after ${stopped.seconds} s: ${stopped.stderr}\n`);
    expect(stopped.stderr).toContain('host worker1: supervisorctl has not ended after 60 s');
    expect(stopped.seconds).toBeLessThan(90);
    await executed(site, 'install', '--abort');
    expect(installedFiles()).toEqual([]);
  }, 900_000);

  test('a host that hangs during a service registration stops the installation, and --resume completes it', async () => {
    const stopped = await hangAt('sshd', new RegExp(`, register-${broker}`), '--execute');
    process.stdout.write(`a host that hangs at a registration: ended after ${stopped.seconds} s: ${stopped.stderr}\n`);
    expect(stopped.seconds).toBeLessThan(90);
    await executed(site, 'install', '--resume');
    expect((await instancesOf(site)).map(({ state }) => state)).toEqual(['running', 'running']);
  }, 900_000);

  test('a roll with a canary pauses while writes are slow, and --resume completes it', async () => {
    const { config } = site;
    if (config.broker !== 'kafka') throw new Error('it is no Kafka');
    const io = { signal: AbortSignal.timeout(600_000) };
    const canary = { name: 'plimsoll-canary', partitions: 1, replicationFactor: 1 };
    {
      await using admin = await kafkaDriver.administer('orders', config, io);
      await admin.createTopic(canary, io);
    }
    const { pid } = (await instancesOf(site)).find(({ name }) => name === broker) ?? {};
    // The controller is restarted first; during this time the broker starts to stall.
    let stutter: ReturnType<RoomHost['spawn']> | undefined;
    const held = await site.lab.watched(
      (line) => {
        if (stutter === undefined && line.includes(`, start-${controller}:`)) {
          stutter = host.spawn('python3', '-c', stutterer, String(pid));
        }
      },
      ...(['instances roll', '--execute', '--canary', canary.name, '--wait', '40s'] as const),
    );
    stutter?.input.end();
    expect(held.exitCode, held.stderr).toBe(6);
    expect(held.stderr).toMatch(/the p99 of writes is [\d.,]+ m?s before the change/);
    expect(held.stderr).toMatch(/blocked: the p99 of writes is [\d.,]+ m?s, above the limit of/);
    process.stdout.write(
      `a roll that rests: ${held.stderr
        .split('\n')
        .filter((line) => /p99/.test(line))
        .join(' | ')}\n`,
    );
    expect((await instancesOf(site)).find(({ name }) => name === broker)?.pid).toBe(pid);
    await executed(site, 'roll', '--resume');
    expect((await instancesOf(site)).find(({ name }) => name === broker)?.pid).not.toBe(pid);
  }, 900_000);

  test('a broker that keeps crashing is a crash loop in status, metric, page and alert until it is fixed', async () => {
    const settings = at(`etc/${broker}/server.properties`);
    const before = readFileSync(settings, 'utf8');
    writeFileSync(settings, `${before}num.io.threads=many\n`);
    await supervisorctl('restart', broker);
    const begun = Date.now();
    const { ask } = asking('--config', site.configPath);
    await vi.waitFor(async () => expect((await ask('instances', 'status')).stdout).toContain('crash-loop'), patience);
    process.stdout.write(`crash loop shown ${Math.round((Date.now() - begun) / 1000)} s after the restart\n`);
    expect((await ask('instances', 'status')).exitCode).toBe(6);
    await using service = await servePlimsoll([
      '--config',
      site.configPath,
      '--state-dir',
      join(site.room.folder, 'serve'),
    ]);
    const labels = `process="${broker}",cluster="orders",host="worker1",role="kafka-broker",state="crash-loop"`;
    await service.until('metrics', (page) =>
      page.includes(`plimsoll_cluster_process_state{${labels}} 1`) ? true : undefined,
    );

    process.stdout.write(`crash loop in the metric ${Math.round((Date.now() - begun) / 1000)} s after the restart\n`);
    const page = await (await service.get('instances?lang=en')).text();
    expect(page.replaceAll(/<[^>]*>/g, ' ')).toMatch(new RegExp(`${broker}[^]*crash loop`));
    await using prometheus = await startPrometheus({
      job: 'plimsoll',
      scrapes: [new URL(service.url).host],
      everySeconds: 5,
      rules: globSync(`${rulesFolder}/*.yaml`),
    });
    const alert = `ALERTS{alertname="PlimsollProcessCrashLoop",alertstate="firing",process="${broker}"}`;
    await vi.waitFor(async () => expect(await prometheus.query(alert)).toHaveLength(1), patience);
    process.stdout.write(`its alert fired ${Math.round((Date.now() - begun) / 1000)} s after the restart\n`);

    writeFileSync(settings, before);
    expect(await site.lab.separately('instances restart', broker, '--execute', ...wait)).toMatchObject({ exitCode: 0 });
    await service.until('metrics', (page) =>
      page.includes(`plimsoll_cluster_process_state{${labels}} 0`) ? true : undefined,
    );
    expect((await ask('instances', 'status')).exitCode).toBe(0);
  }, 900_000);

  test('removed instances leave nothing on the host but their logs', async () => {
    for (const name of [broker, controller]) {
      const words = [name, '--data', '--execute', '--confirm-name', name, ...wait];
      expect(await site.lab.separately('instances remove', ...words)).toMatchObject({ exitCode: 0 });
    }
    for (const folder of ['opt', 'etc', 'data', 'programs']) expect(readdirSync(at(folder)), folder).toEqual([]);
  }, 900_000);

  /** Installed files, without the empty folder of releases. */
  const installedFiles = () =>
    ['opt', 'etc', 'programs']
      .filter((folder) => existsSync(at(folder)))
      .flatMap((folder) => readdirSync(at(folder), { recursive: true }).map((each) => `${folder}/${String(each)}`))
      .filter((path) => path !== 'opt/releases');

  /** @returns the exit code, and the time since the host hung; the host responds again afterwards */
  async function hangAt(
    what: Paused,
    sign: RegExp,
    ...words: readonly string[]
  ): Promise<{ seconds: number; stderr: string }> {
    let hungAt = 0;
    const ended = await site.lab.watched(
      (line) => {
        if (hungAt > 0 || !sign.test(line)) return;
        hungAt = Date.now();
        host.pause(what);
      },
      'instances install',
      ...words,
      ...wait,
    );
    const seconds = Math.round((Date.now() - hungAt) / 1000);
    host.resume(what);
    expect(hungAt, ended.stderr).toBeGreaterThan(0);
    expect(ended.exitCode).not.toBe(0);
    expect(ended.stderr).toMatch(/host worker1/);
    return { seconds, stderr: ended.stderr };
  }

  async function supervisorctl(...words: readonly string[]): Promise<void> {
    const { child } = host.spawn('supervisorctl', '-c', supervisorConfig, ...words);
    await once(child, 'exit');
  }
});
