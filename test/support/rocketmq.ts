// Starts a real RocketMQ in a new lab, and runs mqadmin.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { RocketmqClusterConfig } from '../../brokers/rocketmq/config.ts';
import type { RocketmqLabRequest } from '../../lab/rocketmq/plan.ts';
import { defaultRocketmqVersion } from '../../lab/rocketmq/release.ts';
import type { Lab } from '../../lab/start-lab.ts';
import { scratchLab, startScratchLab } from './scratch-lab.ts';
import { openToolJvm, type ToolJvm } from './tool-jvm.ts';

/** Defaults to 5.3.3, mode `single`, one name server; 4.9.7 and 5.5.0 run too. */
export type RocketmqRequest = Partial<Omit<RocketmqLabRequest, 'product' | 'directory' | 'cache'>>;

export interface RunningRocketmq extends AsyncDisposable {
  namesrv: string[];
  /** `id` is brokerName:brokerId, as registered when the lab was ready. */
  brokers: Lab['brokers'];
  proxy?: { grpc: string; remoting: string };
  configPath: string;
  /** `clusters.lab` of the config. */
  config: RocketmqClusterConfig;
  /** Folder of the lab, which contains each broker's logs and settings. */
  home: string;
  /**
   * Runs RocketMQ's own mqadmin with these arguments; `-n` is added. The first call takes 4 s.
   * @returns standard output and error together
   */
  mqadmin(words: readonly string[], options?: MqadminOptions): Promise<string>;
}

export interface MqadminOptions {
  /** A wrong key, for tests of refusals. */
  secretKey?: string;
  /** False connects without TLS to a lab that requires it. */
  tls?: boolean;
  /** One name server to use instead of all. */
  nameServer?: string;
}

/** Starts in about 10 s on idle cores, with a download the first time. Use it with `await using`. */
export async function startRocketmq(request: RocketmqRequest = {}): Promise<RunningRocketmq> {
  const { root, directory, cache, io, remove } = await scratchLab('rocketmq');
  try {
    const lab = await startScratchLab(
      {
        version: defaultRocketmqVersion,
        mode: 'single',
        nameServers: 1,
        ...request,
        product: 'rocketmq',
        directory,
        cache,
      },
      io,
    );
    const { clusters } = parse(await readFile(lab.configPath, 'utf8')) as { clusters: { lab: unknown } };
    const config = RocketmqClusterConfig.parse(clusters.lab);
    const tools = await adminTools(join(root, 'tools'), config, lab.jars);
    return {
      namesrv: config.namesrv,
      brokers: lab.brokers,
      ...(lab.proxy && { proxy: lab.proxy }),
      configPath: lab.configPath,
      config,
      home: directory,
      mqadmin: (words, options = {}) => tools.run(words, options),
      async [Symbol.asyncDispose]() {
        await tools[Symbol.asyncDispose]();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

interface AdminTools extends AsyncDisposable {
  run(words: readonly string[], options: MqadminOptions): Promise<string>;
}

async function adminTools(home: string, config: RocketmqClusterConfig, jars: string): Promise<AdminTools> {
  const { credentials, namesrv } = config;
  await mkdir(join(home, 'conf'), { recursive: true });
  await writeFile(join(home, 'conf', 'logback_tools.xml'), '<configuration><root level="off"/></configuration>');
  const open = (isTls: boolean) => openToolJvm('java', adminOptions(home, isTls ? config.tls : undefined), jars);
  const shared = open(true);
  const run = async (jvm: ToolJvm, words: readonly string[]) => {
    const mainClass = 'org.apache.rocketmq.tools.command.MQAdminStartup';
    const { stdout, stderr } = await jvm.run({ mainClass, words, signal: AbortSignal.timeout(120_000) });
    return `${stdout}${stderr}`;
  };
  return {
    async run([command = '', ...words], { secretKey, tls = true, nameServer }) {
      if (credentials) {
        const key = secretKey ?? credentials.secretKey.reveal();
        await writeFile(join(home, 'conf', 'tools.yml'), `accessKey: ${credentials.accessKey}\nsecretKey: ${key}\n`);
      }
      const whole = [command, '-n', nameServer ?? namesrv.join(';'), ...words];
      if (tls) return run(shared, whole);
      // A JVM reads the TLS option of its clients only once.
      await using plain = open(false);
      return await run(plain, whole);
    },
    [Symbol.asyncDispose]: () => shared[Symbol.asyncDispose](),
  };
}

/** @param tls absent for plain text */
const adminOptions = (home: string, tls: RocketmqClusterConfig['tls']) => [
  '-Xmx128m',
  '-XX:TieredStopAtLevel=1',
  `-Duser.home=${home}`,
  `-Drocketmq.home.dir=${home}`,
  `-Drmq.logback.configurationFile=${join(home, 'conf', 'logback_tools.xml')}`,
  ...['java.nio', 'sun.nio.ch', 'java.lang', 'java.util'].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`),
  ...(tls ? ['-Dtls.enable=true', `-Dtls.client.trustCertPath=${tls.ca}`] : []),
];
