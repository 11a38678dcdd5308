// Matches a configured process to a JVM by port, command line or pid file, or by known main class.

import type { ProcessMatch } from './config.ts';
import type { Jvm } from './find-jvms.ts';

type Match = { kind: 'found'; jvm: Jvm } | { kind: 'none'; reason: string };

/** @param pidOf content of each pid file, by path; unreadable files are absent */
export function matchJvm(wanted: ProcessMatch, jvms: readonly Jvm[], pidOf: ReadonlyMap<string, string>): Match {
  if ('port' in wanted) {
    const found = jvms.filter(({ ports }) => ports?.includes(wanted.port));
    const blind = jvms.filter(({ ports }) => ports === undefined).length;
    const why =
      blind === 0
        ? `no JVM listens on port ${wanted.port}`
        : `no JVM is seen to listen on port ${wanted.port}, but of ${blind} this user may not see the sockets`;
    return onlyOne(found, why);
  }
  if ('commandLine' in wanted) {
    const found = jvms.filter(({ command }) => command.args.join(' ').includes(wanted.commandLine));
    return onlyOne(found, `no JVM was started with ${JSON.stringify(wanted.commandLine)} in its command line`);
  }
  const text = pidOf.get(wanted.pidFile);
  if (text === undefined) return { kind: 'none', reason: `the pid file ${wanted.pidFile} cannot be read` };
  const [, pid] = /^\s*(\d+)\s*$/.exec(text) ?? [];
  if (pid === undefined) return { kind: 'none', reason: `the pid file ${wanted.pidFile} holds no number` };
  const found = jvms.filter((jvm) => jvm.pid === Number(pid));
  return onlyOne(found, `the pid file ${wanted.pidFile} names ${pid}, which is not a running JVM`);
}

function onlyOne(found: readonly Jvm[], none: string): Match {
  const [jvm, ...others] = found;
  if (jvm === undefined) return { kind: 'none', reason: none };
  if (others.length === 0) return { kind: 'found', jvm };
  return { kind: 'none', reason: `several JVMs match: ${found.map(({ pid }) => pid).join(', ')}` };
}

/** JVM that had a name, and whether it still runs. */
export interface NamedJvm {
  jvm: Jvm;
  isRunning: boolean;
}

/**
 * Names the JVMs of brokers and name servers by their kind. A single JVM of a kind has the kind as its name; if several
 * run at the same time, those without a name get their lowest port appended, which a restart does not change. A name
 * does not depend on which others run: a JVM keeps its name, and its restart gets the same name. If one of several does
 * not listen yet, or nothing distinguishes it, it has no name.
 *
 * @param known JVMs of earlier calls, by name
 */
export function nameKnownJvms(jvms: readonly Jvm[], known: ReadonlyMap<string, NamedJvm>): Map<string, Jvm> {
  const kinds = Map.groupBy(
    jvms.filter((jvm) => kindOf(jvm) !== undefined),
    (jvm) => kindOf(jvm) as string,
  );
  return new Map([...kinds].flatMap(([kind, alike]) => [...nameAlike(kind, alike, known)]));
}

const kindOf = ({ command: { jvm } }: Jvm): string | undefined =>
  jvm.mainClass !== undefined && Object.hasOwn(knownMains, jvm.mainClass) ? knownMains[jvm.mainClass] : undefined;

function nameAlike(kind: string, alike: readonly Jvm[], known: ReadonlyMap<string, NamedJvm>): Map<string, Jvm> {
  const named = new Map<string, Jvm>();
  const ended = new Map<string, Jvm>();
  for (const [name, { jvm, isRunning }] of known) {
    if (kindOf(jvm) !== kind) continue;
    const same = isRunning ? alike.find((each) => isSameJvm(each, jvm)) : undefined;
    if (same === undefined) ended.set(name, jvm);
    else named.set(name, same);
  }
  const isOnly = alike.length === 1 && [...ended.keys()].every((name) => name === kind);
  for (const jvm of alike.filter((each) => ![...named.values()].includes(each))) {
    const name = isOnly ? kind : (nameOfEnded(jvm, ended) ?? nameByPort(kind, jvm, alike));
    if (name === undefined || named.has(name)) continue;
    ended.delete(name);
    named.set(name, jvm);
  }
  return named;
}

/** A restarted JVM listens on the same port; until it listens, its command line is the same. */
function nameOfEnded({ ports = [], command }: Jvm, ended: ReadonlyMap<string, Jvm>): string | undefined {
  const restarted = [...ended].filter(([, before]) =>
    ports.length > 0
      ? before.ports?.some((port) => ports.includes(port))
      : before.command.args.join('\0') === command.args.join('\0'),
  );
  return restarted.length === 1 ? restarted[0]?.[0] : undefined;
}

/** In network namespaces several JVMs may listen on the same port; then the name of the settings file is appended. */
function nameByPort(kind: string, jvm: Jvm, alike: readonly Jvm[]): string | undefined {
  const [lowest] = jvm.ports ?? [];
  if (lowest === undefined) return undefined;
  if (alike.every((each) => each === jvm || each.ports?.[0] !== lowest)) return `${kind}:${lowest}`;
  const file = settingsFileOf(jvm);
  const isClear = alike.every((each) => each === jvm || settingsFileOf(each) !== file);
  return file === undefined || !isClear ? undefined : `${kind}:${lowest}:${file}`;
}

const settingsFileOf = ({ command }: Jvm) =>
  command.args.map((word) => /([^/]+)\.(?:conf|properties)$/.exec(word)?.[1]).findLast((name) => name !== undefined);

export function isSameJvm(a: Jvm, b: Jvm): boolean {
  return a.pid === b.pid && a.startedAfterBootSeconds === b.startedAfterBootSeconds;
}

/** Default process name by main class. */
const knownMains: Readonly<Record<string, string>> = {
  // bin/kafka-server-start.sh, bin/connect-distributed.sh, bin/zookeeper-server-start.sh of Kafka
  'kafka.Kafka': 'kafka',
  'org.apache.kafka.connect.cli.ConnectDistributed': 'kafka-connect',
  'org.apache.zookeeper.server.quorum.QuorumPeerMain': 'zookeeper',
  // bin/mqbroker, bin/mqnamesrv, bin/mqproxy, bin/mqcontroller, bin/mqbrokercontainer of RocketMQ
  'org.apache.rocketmq.broker.BrokerStartup': 'rocketmq-broker',
  'org.apache.rocketmq.namesrv.NamesrvStartup': 'rocketmq-namesrv',
  'org.apache.rocketmq.proxy.ProxyStartup': 'rocketmq-proxy',
  'org.apache.rocketmq.controller.ControllerStartup': 'rocketmq-controller',
  'org.apache.rocketmq.container.BrokerContainerStartup': 'rocketmq-broker-container',
};
