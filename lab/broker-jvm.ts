// How does a broker's JVM start, and did it come up?

import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../core/clock.ts';
import { AppError } from '../core/errors.ts';
import { seconds } from '../core/units.ts';
import { markedEnvironment, spawnDetached } from './detached-process.ts';
import type { KafkaRelease } from './kafka-release.ts';
import type { LabProcess } from './lab-state.ts';
import { runTool } from './run-tool.ts';
import { isRunning } from './started-process.ts';

export interface JvmSetting {
  labId: string;
  java: string;
  jars: string;
  release: KafkaRelease;
  /** Folder of the whole lab. */
  directory: string;
}

export interface Jvm {
  name: string;
  role: 'broker' | 'zookeeper';
  mainClass: string;
  properties: string;
  /** Network namespace to run in. */
  namespace?: string;
}

/** Three nodes on two shared cores came up in 8 s; a machine that swaps is slower. */
const patience = seconds(90);
const glance = seconds(0.05);

/** KRaft brokers say it once they are registered and unfenced, ZooKeeper ones once they are registered. */
const readyLine = /Kafka Server started|\[KafkaServer id=\d+\] started/;

export const nodeFolder = (directory: string, name: string) => join(directory, name);
export const dataFolder = (directory: string, name: string) => join(directory, name, 'data');
export const logFolder = (directory: string) => join(directory, 'logs');
const logPath = (directory: string, name: string) => join(logFolder(directory), `${name}.log`);

/** Writes the settings of a JVM into its folder, empty before. */
export function prepareJvm({ directory, release }: JvmSetting, { name, properties }: Jvm): void {
  const folder = nodeFolder(directory, name);
  rmSync(folder, { recursive: true, force: true });
  for (const path of [dataFolder(directory, name), join(folder, 'tmp'), logFolder(directory)])
    mkdirSync(path, { recursive: true });
  writeFileSync(join(folder, 'node.properties'), properties);
  writeFileSync(join(folder, 'logging.properties'), loggingProperties[release.logging]);
}

/** Kafka in KRaft mode starts on a formatted folder only. */
export async function formatStorage(
  setting: JvmSetting,
  jvm: Jvm,
  clusterId: string,
  signal: AbortSignal,
): Promise<void> {
  const properties = join(nodeFolder(setting.directory, jvm.name), 'node.properties');
  const words = [
    ...javaWords(setting, jvm.name),
    'kafka.tools.StorageTool',
    'format',
    '-t',
    clusterId,
    '-c',
    properties,
  ];
  const answer = await runTool(setting.java, words, { signal, environment: markedEnvironment(setting.labId) });
  if (answer?.exitCode === 0) return;
  const said = `${answer?.stdout ?? ''}\n${answer?.stderr ?? ''}`;
  const log = logPath(setting.directory, jvm.name);
  writeFileSync(log, said);
  throw new AppError('lab-failed', `${jvm.name} could not format its storage: ${meaningfulLine(said)}`, {
    hint: `its log: ${log}`,
  });
}

export function startJvm(setting: JvmSetting, { name, role, mainClass, namespace }: Jvm): LabProcess {
  const folder = nodeFolder(setting.directory, name);
  const log = logPath(setting.directory, name);
  const gcLog = join(logFolder(setting.directory), `${name}-gc.log`);
  const words = [
    '-Xmx256m',
    '-XX:+ExitOnOutOfMemoryError',
    `-Xlog:gc*:file=${gcLog}:time,uptime,level,tags`,
    ...javaWords(setting, name),
    mainClass,
    join(folder, 'node.properties'),
  ];
  const output = openSync(log, 'w');
  try {
    const [program, ...before] =
      namespace === undefined ? [setting.java] : ['ip', 'netns', 'exec', namespace, setting.java];
    return {
      ...spawnDetached(program, [...before, ...words], { labId: setting.labId, cwd: folder, output }),
      name,
      role,
      log,
    };
  } finally {
    closeSync(output);
  }
}

/** @throws AppError lab-failed with the broker's last words when it died or did not come up */
export async function waitUntilReady(broker: LabProcess, io: { clock: Clock; signal: AbortSignal }): Promise<void> {
  const log = broker.log ?? '';
  const end = io.clock.monotonic() + patience;
  for (;;) {
    const runs = isRunning(broker);
    const text = readFileSync(log, 'utf8');
    if (readyLine.test(text) && runs) return;
    const fate = runs
      ? io.clock.monotonic() < end
        ? undefined
        : `was not ready after ${patience} s`
      : 'ended while it started';
    if (fate !== undefined) {
      throw new AppError('lab-failed', `${broker.name} ${fate}: ${meaningfulLine(text)}`, { hint: `its log: ${log}` });
    }
    await io.clock.sleep(glance, { signal: io.signal });
  }
}

/** The last line that tells of a fault, else the last line at all: not a stack frame. */
export function meaningfulLine(log: string): string {
  const lines = log.split('\n').filter((line) => line.trim() !== '' && !/^\s+at |^\s*\.\.\. \d+ more/.test(line));
  const fault = lines.findLast((line) => /\b(ERROR|FATAL)\b|Exception|^Error/.test(line));
  return (fault ?? lines.at(-1) ?? 'it said nothing').trim();
}

function javaWords({ directory, jars, release }: JvmSetting, name: string): string[] {
  const folder = nodeFolder(directory, name);
  const logging = join(folder, 'logging.properties');
  return [
    '-cp',
    join(jars, '*'),
    // Native libraries of the codecs are unpacked here, and go with the folder.
    `-Djava.io.tmpdir=${join(folder, 'tmp')}`,
    release.logging === 'log4j2' ? `-Dlog4j2.configurationFile=${logging}` : `-Dlog4j.configuration=file:${logging}`,
  ];
}

const loggingProperties = {
  log4j2: `rootLogger.level=info
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=[%d] %p %m (%c)%n
`,
  log4j1: `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=[%d] %p %m (%c)%n
`,
} as const;
