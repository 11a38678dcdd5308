// Starts two real RocketMQ masters behind network interfaces of known speed, with live traffic of Apache's clients.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { rocketmqExample, type JavaJars } from '../../bench/java-clients.ts';
import { cacheFolder } from '../../core/user-folders.ts';
import { bitsPerSecond } from '../../core/units.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { defaultRocketmqVersion, rocketmqRelease } from '../../lab/rocketmq/release.ts';
import { runTool } from '../../lab/run-tool.ts';
import { compileJava } from './compiled-java.ts';
import { startJavaLoad, type JavaLoad } from './java-load.ts';
import { liveNameOf } from './live-name.ts';
import { main } from './plimsoll.ts';
import { startRocketmq } from './rocketmq.ts';
import { startCommand, type RunningCli } from './run-cli.ts';

export interface RocketmqRedlineLabRequest {
  /** Speed of each broker's network interface in each direction. */
  megabits: number;
  /** Merged over `analyzer` of plimsoll.yaml. */
  analyzer?: Record<string, unknown>;
}

export interface PacedLoad {
  rate: number;
  bytes: number;
  /** Seconds whose latencies are ignored; the phase `before` follows. */
  warmUpSeconds: number;
  beforeSeconds: number;
}

export interface PacedProducer extends JavaLoad {
  /** Stops it. @returns messages, including those stored in removed queues, and p99 in seconds, before and afterwards */
  end(): Promise<ReturnType<typeof pacedSummary>>;
}

const senders = 24;

export async function startRocketmqRedlineLab({ megabits, analyzer }: RocketmqRedlineLabRequest) {
  await using opened = new AsyncDisposableStack();
  const rocketmq = opened.use(await startRocketmq({ mode: 'two-masters', nic: bitsPerSecond(megabits * 1e6) }));
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-redline-'));
  opened.defer(() => rm(folder, { recursive: true, force: true }));
  const document = parse(await readFile(rocketmq.configPath, 'utf8')) as Record<string, unknown> & {
    loadgen: { networkNamespace: string };
  };
  const namespace = document.loadgen.networkNamespace;
  await unshape(namespace);
  const config = join(folder, 'plimsoll.yaml');
  await writeFile(config, stringify({ ...document, ...(analyzer && { analyzer }) }));
  const io = { signal: AbortSignal.timeout(240_000), environment: process.env, progress: () => {} };
  const example = await rocketmqExample(io);
  const release = rocketmqRelease(defaultRocketmqVersion);
  const tools = { ...example, lib: await brokerJars(release, join(cacheFolder(process.env), 'lab'), io) };
  const source = fileURLToPath(new URL('../fixtures/load-clients/PacedProducer.java', import.meta.url));
  const classes = await compileJava({ source, java: 17, jars: tools.lib }, folder);
  // `startJavaLoad` appends the asterisk to the jar folder.
  const paced: JavaJars = { ...tools, lib: `${classes}${delimiter}${tools.lib}` };
  const nameServer = rocketmq.namesrv.join(';');
  const inside = { namespace };

  async function mqadmin(...words: string[]): Promise<string> {
    const [command = '', ...rest] = words;
    const mainClass = 'org.apache.rocketmq.tools.command.MQAdminStartup';
    await using run = startJavaLoad(tools, mainClass, [command, '-n', nameServer, ...rest], inside);
    await run.ended;
    return run.printed();
  }

  const start = (...words: string[]): RunningCli =>
    startCommand(['ip', 'netns', 'exec', namespace, process.execPath, main, ...words]);
  const resources = opened.move();

  return {
    rocketmq,
    folder,
    config,
    start,
    confirm: liveNameOf(rocketmq),
    /** Creates a topic on the named brokers, by default on all. */
    async createTopic(topic: string, queues: number, brokers = rocketmq.brokers): Promise<void> {
      for (const { address } of brokers) {
        const words = ['-b', address, '-t', topic, '-r', String(queues), '-w', String(queues)];
        const made = await mqadmin('updateTopic', ...words);
        if (!made.includes('success')) throw new Error(made);
      }
    },
    /** Queues of each broker, as Apache's tool prints the route. */
    async layoutOf(topic: string): Promise<readonly string[]> {
      const printed = await mqadmin('topicRoute', '-t', topic);
      const rows = printed.matchAll(
        /"brokerName":\s*"([^"]+)",\s*"perm":\s*(\d+),\s*"readQueueNums":\s*(\d+),\s*"topicSysFlag":\s*\d+,\s*"writeQueueNums":\s*(\d+)/g,
      );
      return [...rows]
        .map(([, name, permission, reads, writes]) => `${name} ${permission} ${reads} ${writes}`)
        .toSorted();
    },
    /** Sum of the end offsets of all readable queues. */
    async storedIn(topic: string): Promise<number> {
      const printed = await mqadmin('topicStatus', '-t', topic);
      return [...printed.matchAll(/^\S+\s+\d+\s+(\d+)\s+(\d+)\s/gm)].reduce((sum, [, , end]) => sum + Number(end), 0);
    },
    /** Sends with Apache's DefaultMQProducer at a constant rate, which benchmark.Producer does not support. */
    produce(topic: string, { rate, bytes, warmUpSeconds, beforeSeconds }: PacedLoad): PacedProducer {
      const stop = join(folder, `stop-${topic}`);
      const words = [nameServer, topic, rate, bytes, senders, warmUpSeconds, beforeSeconds, stop].map(String);
      const load = startJavaLoad(paced, 'PacedProducer', words, inside);
      return {
        ...load,
        async end() {
          await writeFile(stop, '');
          await load.ended;
          await rm(stop);
          return pacedSummary(load.printed());
        },
      };
    },
    /** Sends with Apache's benchmark.Producer: as fast as the broker responds. */
    flood(topic: string, bytes: number): JavaLoad {
      const words = `-n ${nameServer} -t ${topic} -s ${bytes} -w ${senders} -ri 1000`.split(' ');
      return startJavaLoad(example, 'org.apache.rocketmq.example.benchmark.Producer', words, inside);
    },
    /** Reads with Apache's benchmark.Consumer. */
    consume(topic: string, group: string): JavaLoad {
      const words = `-n ${nameServer} -t ${topic} -g ${group} -p false`.split(' ');
      return startJavaLoad(example, 'org.apache.rocketmq.example.benchmark.Consumer', words, inside);
    },
    async until(load: JavaLoad, sign: RegExp): Promise<void> {
      const end = performance.now() + 90_000;
      while (!sign.test(load.printed())) {
        if (performance.now() > end) throw new Error(load.printed());
        await delay(100);
      }
    },
    redline(...words: string[]): RunningCli {
      return start('redline', '--config', config, '--state-dir', join(folder, 'state'), ...words);
    },
    [Symbol.asyncDispose]: () => resources[Symbol.asyncDispose](),
  };
}

/** Removes the speed limit of clients, because they exchange traffic with both brokers. */
async function unshape(namespace: string): Promise<void> {
  const hub = namespace.replace(/-generator$/, '-hub');
  for (const words of [
    ['-n', namespace, 'qdisc', 'del', 'dev', 'eth0', 'root'],
    ['-n', hub, 'qdisc', 'del', 'dev', 'generator', 'root'],
  ]) {
    const answer = await runTool('tc', words, { signal: AbortSignal.timeout(10_000) });
    if (answer?.exitCode !== 0) throw new Error(`tc ${words.join(' ')}: ${answer?.stderr}`);
  }
}

function pacedSummary(printed: string) {
  const figures = /^acknowledged (\d+) failed (\d+) stored (\d+) before (\S+) after (\S+)$/m.exec(printed);
  if (figures === null) throw new Error(printed.slice(-2000));
  const [acknowledged = NaN, failed = NaN, stored = NaN, before = NaN, after = NaN] = figures.slice(1).map(Number);
  return { acknowledged, failed, stored, before, after };
}
