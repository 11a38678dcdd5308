// Runs Kafka's command-line tools from the jars of the lab, and parses their tables.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { cacheFolder } from '../../core/user-folders.ts';
import { brokerJars } from '../../lab/broker-jars.ts';
import { kafkaRelease } from '../../lab/kafka/release.ts';
import { findJava } from '../../lab/prerequisites.ts';
import { openToolJvm } from './tool-jvm.ts';

const quick = ['-Xmx96m', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];

export type ToolName =
  | 'acls'
  | 'cluster-id'
  | 'configs'
  | 'console-consumer'
  | 'offsets'
  | 'groups'
  | 'topics'
  | 'log-dirs'
  | 'quorum'
  | 'reassign';

/** Main classes, which moved from the broker's jar to that of the tools with 3.x. */
const classes: Readonly<Record<ToolName, readonly [before: string, since: string]>> = {
  acls: ['kafka.admin.AclCommand', 'org.apache.kafka.tools.AclCommand'],
  configs: ['kafka.admin.ConfigCommand', 'kafka.admin.ConfigCommand'],
  'cluster-id': ['kafka.admin.ClusterTool', 'org.apache.kafka.tools.ClusterTool'],
  'console-consumer': ['kafka.tools.ConsoleConsumer', 'org.apache.kafka.tools.consumer.ConsoleConsumer'],
  offsets: ['kafka.tools.GetOffsetShell', 'org.apache.kafka.tools.GetOffsetShell'],
  groups: ['kafka.admin.ConsumerGroupCommand', 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand'],
  topics: ['kafka.admin.TopicCommand', 'org.apache.kafka.tools.TopicCommand'],
  'log-dirs': ['kafka.admin.LogDirsCommand', 'org.apache.kafka.tools.LogDirsCommand'],
  quorum: ['', 'org.apache.kafka.tools.MetadataQuorumCommand'],
  reassign: ['kafka.admin.ReassignPartitionsCommand', 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand'],
};

export interface KafkaTools extends AsyncDisposable {
  /** Runs a tool with `--bootstrap-server` added, and returns its output. */
  run(tool: ToolName, ...words: string[]): Promise<string>;
  /** Runs a console consumer or similar until disposed. */
  start(mainClass: string, ...words: string[]): AsyncDisposable;
}

export async function kafkaTools(version: string, bootstrap: string): Promise<KafkaTools> {
  const io = { signal: new AbortController().signal, environment: process.env, progress: () => undefined };
  const release = kafkaRelease(version);
  const tools = { ...release, product: 'kafka-tools', title: "Kafka's tools" };
  const isSeparate = release.quorum === 'kraft';
  const [own] = release.artefacts;
  const artefacts = isSeparate && own !== undefined ? [...release.artefacts, { ...own, artefact: 'kafka-tools' }] : [];
  const cache = join(cacheFolder(process.env), 'lab');
  const lib = await brokerJars(isSeparate ? { ...tools, artefacts } : release, cache, io);
  const java = await findJava(io);
  const jvm = openToolJvm(java, quick, lib);
  return {
    async run(tool, ...words) {
      const mainClass = classes[tool][isSeparate ? 1 : 0];
      const server = tool === 'offsets' && !isSeparate ? '--broker-list' : '--bootstrap-server';
      const signal = AbortSignal.timeout(60_000);
      const given = tool === 'cluster-id' ? [tool, server, bootstrap, ...words] : [server, bootstrap, ...words];
      const { exitCode, stdout, stderr } = await jvm.run({ mainClass, words: given, signal });
      if (exitCode !== 0) throw new Error(`${mainClass} failed: ${stdout}${stderr}`);
      return stdout;
    },
    [Symbol.asyncDispose]: () => jvm[Symbol.asyncDispose](),
    start(mainClass, ...words) {
      const program = [...quick, '-cp', join(lib, '*'), mainClass];
      const child = spawn(java, [...program, '--bootstrap-server', bootstrap, ...words], { stdio: 'ignore' });
      return {
        async [Symbol.asyncDispose]() {
          if (child.exitCode !== null || child.signalCode !== null) return;
          const ended = once(child, 'exit');
          child.kill('SIGKILL');
          await ended;
        },
      };
    },
  };
}

/** Returns the rows below the header that begins with this column; columns by name, cells without spaces. */
export function tableIn(text: string, firstColumn: string): Record<string, string>[] {
  let columns: string[] | undefined;
  return text.split('\n').flatMap((line) => {
    // COORDINATOR (ID) is one column.
    const cells = line
      .replace('COORDINATOR (ID)', 'COORDINATOR')
      .trim()
      .split(/\s{1,}/);
    if (cells[0] === firstColumn) {
      columns = cells;
      return [];
    }
    if (columns === undefined || cells.length < 2) return [];
    return [Object.fromEntries(columns.map((column, index) => [column, cells[index] ?? '']))];
  });
}
