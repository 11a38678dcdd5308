// Starts two labs with hosts, some of them unreadable.

import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { driverOf } from '../../brokers/registry.ts';
import type { ClusterConfig } from '../../brokers/config.ts';
import { seconds, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { startKafka } from './kafka.ts';
import { startNodeExporter } from './node-exporter.ts';
import { spawnPlimsoll } from './plimsoll.ts';
import { startPrometheus, type RunningPrometheus } from './prometheus.ts';
import { startRocketmq } from './rocketmq.ts';
import { makeKey, publicKeyOf, startSshd, type Sshd } from './sshd.ts';

const scrapeSeconds = 3;

export interface MachineRoom extends AsyncDisposable {
  prometheus: RunningPrometheus;
  brokers: Record<'kafka' | 'rocketmq', { pid: number; gcLog: string }>;
  /** Stops the sshd of the host `paused`, which responds until then. */
  pause(): void;
  /** Returns the log of the exporter. */
  log(): string;
}

/**
 * One exporter reads both clusters and six hosts: `here` (local: the broker of Kafka is detected there), `broker-machine`
 * (SSH: the config assigns the broker of RocketMQ to it), `other` and `paused` (SSH), `stranger` (SSH; its key differs from the
 * known one) and `agent` (a node_exporter).
 */
export async function openMachineRoom(): Promise<MachineRoom> {
  await using opened = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-machines-'));
  opened.defer(() => rm(folder, { recursive: true }));
  const key = makeKey(folder, 'user_key');
  const startOne = async () => opened.use(await startSshd({ folder, authorized: [publicKeyOf(key)] }));
  const [machine, other, paused, stranger] = [await startOne(), await startOne(), await startOne(), await startOne()];
  const agent = opened.use(await startNodeExporter());
  const [kafka, rocketmq] = await Promise.all([
    startKafka().then((lab) => opened.use(lab)),
    startRocketmq({ version: '4.9.7' }).then((lab) => opened.use(lab)),
  ]);

  const knownHostsFile = join(folder, 'known_hosts');
  const changed = `[127.0.0.1]:${stranger.port} ${publicKeyOf(makeKey(folder, 'former_host_key'))}`;
  await writeFile(
    knownHostsFile,
    `${[machine, other, paused].map(({ knownHost }) => knownHost).join('\n')}\n${changed}\n`,
  );
  const network = { devices: ['lo'], speed: '10gbit', speedSource: 'stated for the loopback' };
  const ssh = ({ port }: Sshd) => ({
    probe: 'ssh',
    address: `127.0.0.1:${port}`,
    user: userInfo().username,
    privateKeyFile: key,
    knownHostsFile,
    network,
  });
  const [kafkaBroker, rocketmqBroker] = [kafka.brokers[0], rocketmq.brokers[0]];
  if (kafkaBroker === undefined || rocketmqBroker === undefined) throw new Error('a lab has no broker');
  const portOf = (address: string) => Number(address.split(':').at(-1));
  const configPath = join(folder, 'plimsoll.yaml');
  const config = {
    clusters: {
      kafka: { broker: 'kafka', bootstrap: kafka.bootstrap },
      rocketmq: {
        broker: 'rocketmq',
        namesrv: rocketmq.namesrv,
        brokers: { [rocketmqBroker.id]: { host: 'broker-machine' } },
      },
    },
    hosts: {
      here: { probe: 'local', network },
      'broker-machine': { ...ssh(machine), processes: { broker: { port: portOf(rocketmqBroker.address) } } },
      other: { ...ssh(other), processes: {} },
      paused: { ...ssh(paused), processes: {} },
      stranger: { ...ssh(stranger), processes: {} },
      agent: { probe: 'node-exporter', url: agent.url, network },
    },
  };
  await writeFile(configPath, JSON.stringify(config));

  await startSending(opened, 'kafka', KafkaClusterConfig.parse(config.clusters.kafka));
  await startSending(opened, 'rocketmq', rocketmq.config);
  const words = ['--config', configPath, '--listen', '127.0.0.1:0', '--state-dir', join(folder, 'state')];
  const exporter = spawnPlimsoll(['exporter', ...words]);
  opened.defer(async () => {
    exporter.child.kill('SIGTERM');
    await exporter.finished;
  });
  while (!/listening on \S+/.test(exporter.written.stdout)) await once(exporter.child.stdout, 'data');
  const scrapes = [new URL(/listening on (\S+)/.exec(exporter.written.stdout)?.[1] ?? '').host];
  const prometheus = opened.use(await startPrometheus({ job: 'plimsoll', scrapes, everySeconds: scrapeSeconds }));

  const resources = opened.move();
  return {
    prometheus,
    brokers: {
      kafka: { pid: kafkaBroker.pid, gcLog: gcLogOf(kafka) },
      rocketmq: { pid: rocketmqBroker.pid, gcLog: gcLogOf(rocketmq) },
    },
    pause: () => paused.pause(),
    log: () => exporter.written.stderr,
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

const gcLogOf = ({ configPath }: { configPath: string }) => join(dirname(configPath), 'logs', 'broker-1-gc.log');

/** Sends up to 1 MB a second, so that brokers collect garbage but leave CPU time to others; continues while the broker is down. */
async function startSending(opened: AsyncDisposableStack, name: string, config: ClusterConfig): Promise<void> {
  const stopped = new AbortController();
  const io = () => ({ signal: AbortSignal.timeout(60_000) });
  const topic = 'orders';
  {
    await using admin = await driverOf(config).administer(name, config, io());
    await admin.createTopic({ name: topic, partitions: 1, replicationFactor: 1 }, io());
  }
  const traffic = opened.use(await driverOf(config).traffic(name, config, io()));
  const producer = opened.use(await traffic.producer({ acks: 'leader' }));
  const values = Array.from({ length: 20 }, () => Buffer.alloc(1024, 'x'));
  const sending = (async () => {
    while (!stopped.signal.aborted) {
      await producer.send({ topic, partition: 0, values }, io()).catch(unlessAway);
      await systemClock.sleep(seconds(0.02));
    }
  })();
  opened.defer(async () => {
    stopped.abort();
    await sending;
  });
}

function unlessAway(cause: unknown): void {
  if (!(cause instanceof AppError)) throw cause;
}
