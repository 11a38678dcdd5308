// Renders the files of each host of a Kafka cluster: brokers, and dedicated KRaft controllers or ZooKeeper servers.

import { createHash } from 'node:crypto';
import { inSyncCopies, type PlannedBroker } from '../../core/documents/cluster-plan.ts';
import { jvmOptions, kernelFiles, serviceFiles, type RenderedFile } from './host-files.ts';
import { jvmMemory } from './memory.ts';
import type { HostFiles } from './rocketmq-files.ts';
import { renderSettings, setting, withOwn, type Setting } from './settings-file.ts';
import { addressesOf, addressOf, type RenderedCluster, type Site } from './site.ts';

/** Heap of a KRaft controller or ZooKeeper server, which only stores metadata: 1 GiB for 100,000 partitions. */
const controllerMegabytes = 1024;
/** File in the data directory of a ZooKeeper server with the number N of its line server.N. */
export const numberFile = 'myid';

export function kafkaFiles(plan: RenderedCluster, site: Site): HostFiles {
  const files = new Map<string, RenderedFile[]>();
  for (const broker of plan.brokers) files.set(broker.host, brokerFiles(plan, broker, site));
  for (const [index, { host }] of (plan.controllers ?? []).entries()) {
    files.set(host, controllerFiles(plan, { host, id: index + 1 }, site));
  }
  for (const [index, { host }] of (plan.zookeepers ?? []).entries()) {
    files.set(host, zooKeeperFiles(plan, { host, id: index + 1 }, site));
  }
  return files;
}

function brokerFiles(plan: RenderedCluster, { host, brokerId, zone }: PlannedBroker, site: Site): RenderedFile[] {
  const { heapMegabytes: heap } = jvmMemory(plan);
  const address = addressOf(site, host, 'kafka-client');
  const planned = [
    ...membership(plan, brokerId, site),
    setting('listeners', `PLAINTEXT://${address}`),
    setting('advertised.listeners', `PLAINTEXT://${address}`, 'on the network card that the plan assumes'),
    setting(
      'listener.security.protocol.map',
      plan.zookeepers === undefined ? 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT' : 'PLAINTEXT:PLAINTEXT',
    ),
    setting('inter.broker.listener.name', 'PLAINTEXT'),
    ...(zone === undefined ? [] : [setting('broker.rack', zone, 'copies are in different zones')]),
    setting('log.dirs', site.data(host)),
    ...durability(plan),
    ...threads(plan),
  ];
  const settings = renderSettings(
    `${host}: broker of cluster ${plan.name}, as it was planned`,
    withOwn(planned, plan.settings),
  );
  const service = {
    name: 'kafka-broker',
    description: `Kafka broker ${brokerId} of cluster ${plan.name}`,
    ...program(plan, host, site, heap),
    args: [`${site.etc(host)}/server.properties`],
  };
  return [
    { path: 'server.properties', text: settings },
    ...serviceFiles(service, host, site),
    ...kernelFiles(site, plan.shape.memoryBytes),
  ];
}

function controllerFiles(plan: RenderedCluster, { host, id }: { host: string; id: number }, site: Site) {
  const address = addressOf(site, host, 'kafka-controller');
  const settings = renderSettings(`${host}: controller of cluster ${plan.name}`, [
    setting('process.roles', 'controller'),
    setting('node.id', id),
    ...quorum(plan, site),
    setting('listeners', `CONTROLLER://${address}`),
    setting('listener.security.protocol.map', 'CONTROLLER:PLAINTEXT'),
    setting('log.dirs', site.data(host)),
    ...durability(plan),
  ]);
  const service = {
    name: 'kafka-controller',
    description: `Kafka controller ${id} of cluster ${plan.name}`,
    ...program(plan, host, site, Math.min(controllerMegabytes, jvmMemory(plan).heapMegabytes)),
    args: [`${site.etc(host)}/server.properties`],
  };
  return [{ path: 'server.properties', text: settings }, ...serviceFiles(service, host, site), ...kernelFiles(site)];
}

/**
 * Settings with which a broker finds the metadata of its cluster. Each cluster has separate ZooKeeper servers, so there
 * is no chroot.
 */
function membership(plan: RenderedCluster, brokerId: number, site: Site): Setting[] {
  const { zookeepers } = plan;
  if (zookeepers === undefined) {
    return [setting('process.roles', 'broker'), setting('node.id', brokerId), ...quorum(plan, site)];
  }
  const servers = addressesOf(site, zookeepers, 'zookeeper-client');
  return [setting('broker.id', brokerId), setting('zookeeper.connect', servers.join(','))];
}

function zooKeeperFiles(plan: RenderedCluster, { host, id }: { host: string; id: number }, site: Site): RenderedFile[] {
  const { zookeepers = [] } = plan;
  const servers = zookeepers.map(({ host: each }, index) =>
    setting(
      `server.${index + 1}`,
      `${addressOf(site, each, 'zookeeper-quorum')}:${site.port(each, 'zookeeper-election')}`,
    ),
  );
  const settings = renderSettings(`${host}: ZooKeeper server of cluster ${plan.name}`, [
    setting('dataDir', site.data(host)),
    setting('clientPort', site.port(host, 'zookeeper-client')),
    // ZooKeeper logs an error for the line of a single server, and ignores it.
    ...(servers.length > 1 ? servers : []),
    setting('tickTime', 2000),
    setting('initLimit', 10, '20 s to copy the data of the leader'),
    setting('syncLimit', 5, '10 s behind the leader'),
    setting('autopurge.snapRetainCount', 3),
    setting('autopurge.purgeInterval', 24, 'hours; by default, snapshots and logs are never deleted'),
    setting('4lw.commands.whitelist', 'mntr,srvr,ruok', 'used by monitoring and rolling restarts'),
    setting('admin.enableServer', false, 'it would use port 8080'),
  ]);
  const service = {
    name: 'zookeeper',
    description: `ZooKeeper server ${id} of cluster ${plan.name}`,
    ...program(plan, host, site, Math.min(controllerMegabytes, jvmMemory(plan).heapMegabytes)),
    mainClass: 'org.apache.zookeeper.server.quorum.QuorumPeerMain',
    args: [`${site.etc(host)}/zookeeper.properties`],
  };
  return [
    { path: 'zookeeper.properties', text: settings },
    { path: numberFile, text: `${id}\n` },
    ...serviceFiles(service, host, site),
    ...kernelFiles(site),
  ];
}

function quorum({ controllers = [] }: RenderedCluster, site: Site): Setting[] {
  const voters = controllers.map(({ host }, index) => `${index + 1}@${addressOf(site, host, 'kafka-controller')}`);
  return [setting('controller.quorum.voters', voters.join(',')), setting('controller.listener.names', 'CONTROLLER')];
}

function durability(plan: RenderedCluster): Setting[] {
  const { replicas, domains } = plan;
  const longest = Math.max(...domains.map(({ retentionSeconds }) => retentionSeconds));
  const inSync = inSyncCopies(plan);
  return [
    setting(
      'default.replication.factor',
      replicas,
      'as planned; from Kafka 5 on only the value of the controller applies',
    ),
    setting('min.insync.replicas', inSync, 'the other copies may be down; producers use acks=all'),
    setting('offsets.topic.replication.factor', replicas),
    setting('transaction.state.log.replication.factor', replicas),
    setting('transaction.state.log.min.isr', inSync),
    setting('unclean.leader.election.enable', false, 'a replica that lags does not become leader: no message is lost'),
    setting(
      'auto.create.topics.enable',
      false,
      'topics created by accident have the wrong number of copies and partitions',
    ),
    setting(
      'log.retention.ms',
      Math.round(longest * 1000),
      'the longest retention of its domains; topics can have a shorter one',
    ),
  ];
}

function threads({ shape, domains, replicas, brokers }: RenderedCluster): Setting[] {
  const held = domains.reduce((sum, { partitions }) => sum + partitions * replicas, 0) / brokers.length;
  return [
    setting('num.replica.fetchers', 1 + Math.floor(held / 500), 'one, and one more per 500 partitions'),
    setting('num.io.threads', Math.max(8, Math.round(shape.cores)), 'as many as cores, 8 at least (Kafka default)'),
    setting('num.network.threads', Math.max(3, Math.round(shape.cores / 2)), 'half as many as cores (Amazon MSK)'),
  ];
}

function program(plan: RenderedCluster, host: string, site: Site, heap: number) {
  const config = `${site.etc(host)}/server.properties`;
  const isKraft = plan.zookeepers === undefined;
  const logging = `${site.home(host, 'kafka')}/config`;
  return {
    javaOptions: [
      ...jvmOptions(host, site, [
        `-Xms${heap}m`,
        `-Xmx${heap}m`,
        '-XX:+UseG1GC',
        '-XX:MaxGCPauseMillis=20',
        '-XX:InitiatingHeapOccupancyPercent=35',
        '-XX:G1HeapRegionSize=16M',
        '-XX:+AlwaysPreTouch',
        '-XX:MetaspaceSize=96m',
        '-XX:+ExplicitGCInvokesConcurrent',
      ]),
      `-Dkafka.logs.dir=${site.logs(host)}`,
      // Kafka 4 reads the first, earlier releases the second, and neither opens the other's file.
      ...(isKraft ? [`-Dlog4j2.configurationFile=${logging}/log4j2.yaml`] : []),
      `-Dlog4j.configuration=file:${logging}/log4j.properties`,
    ],
    classPath: `${site.home(host, 'kafka')}/libs/*`,
    mainClass: 'kafka.Kafka',
    ...(isKraft &&
      site.formats && {
        before: ['kafka.tools.StorageTool', 'format', '--ignore-formatted', '-t', clusterId(plan.name), '-c', config],
      }),
  };
}

/** 16 bytes, base64url, as in Kafka's Uuid: deterministic per name, and never starts with `-` like an option. */
export function clusterId(name: string): string {
  const digest = createHash('sha256').update(`kafka cluster ${name}`).digest().subarray(0, 16);
  digest[0] = (digest[0] ?? 0) & 0x7f;
  return digest.toString('base64url');
}
