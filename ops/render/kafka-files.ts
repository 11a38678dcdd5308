// Renders the files of each host of a Kafka cluster: brokers, and dedicated KRaft controllers or ZooKeeper servers.

import { createHash } from 'node:crypto';
import { inSyncCopies, type PlannedBroker } from '../../core/documents/cluster-plan.ts';
import { jvmOptions, kernelFiles, serviceFiles, type RenderedFile } from './host-files.ts';
import { jvmMemory } from './memory.ts';
import type { HostFiles } from './rocketmq-files.ts';
import { renderSettings, withOwn, type Setting } from './settings-file.ts';
import type { RenderedCluster, Site } from './site.ts';

/** A controller, or a server of ZooKeeper, keeps metadata only: 1 GiB for 100,000 partitions. */
const controllerMegabytes = 1024;
/** In the data directory of a ZooKeeper server: the number N of its line server.N. */
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
  const address = `${site.address(host)}:${site.port(host, 'kafka-client')}`;
  const planned = [
    ...membership(plan, brokerId, site),
    { key: 'listeners', value: `PLAINTEXT://${address}` },
    { key: 'advertised.listeners', value: `PLAINTEXT://${address}`, why: 'on the network card that the plan assumes' },
    {
      key: 'listener.security.protocol.map',
      value: plan.zookeepers === undefined ? 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT' : 'PLAINTEXT:PLAINTEXT',
    },
    { key: 'inter.broker.listener.name', value: 'PLAINTEXT' },
    ...(zone === undefined ? [] : [{ key: 'broker.rack', value: zone, why: 'copies are in different zones' }]),
    { key: 'log.dirs', value: site.data(host) },
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

function controllerFiles(
  plan: RenderedCluster,
  { host, id }: { host: string; id: number },
  site: Site,
): RenderedFile[] {
  const address = `${site.address(host)}:${site.port(host, 'kafka-controller')}`;
  const settings = renderSettings(`${host}: controller of cluster ${plan.name}`, [
    { key: 'process.roles', value: 'controller' },
    { key: 'node.id', value: id },
    ...quorum(plan, site),
    { key: 'listeners', value: `CONTROLLER://${address}` },
    { key: 'listener.security.protocol.map', value: 'CONTROLLER:PLAINTEXT' },
    { key: 'log.dirs', value: site.data(host) },
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

/** Where a broker finds the metadata of its cluster. Each cluster has its own ZooKeeper servers, so there is no chroot. */
function membership(plan: RenderedCluster, brokerId: number, site: Site): Setting[] {
  const { zookeepers } = plan;
  if (zookeepers === undefined) {
    return [{ key: 'process.roles', value: 'broker' }, { key: 'node.id', value: brokerId }, ...quorum(plan, site)];
  }
  const servers = zookeepers.map(({ host }) => `${site.address(host)}:${site.port(host, 'zookeeper-client')}`);
  return [
    { key: 'broker.id', value: brokerId },
    { key: 'zookeeper.connect', value: servers.join(',') },
  ];
}

function zooKeeperFiles(plan: RenderedCluster, { host, id }: { host: string; id: number }, site: Site): RenderedFile[] {
  const { zookeepers = [] } = plan;
  const servers = zookeepers.map(({ host: each }, index) => ({
    key: `server.${index + 1}`,
    value: `${site.address(each)}:${site.port(each, 'zookeeper-quorum')}:${site.port(each, 'zookeeper-election')}`,
  }));
  const settings = renderSettings(`${host}: ZooKeeper server of cluster ${plan.name}`, [
    { key: 'dataDir', value: site.data(host) },
    { key: 'clientPort', value: site.port(host, 'zookeeper-client') },
    // ZooKeeper logs the line of a single server as an error, and ignores it.
    ...(servers.length > 1 ? servers : []),
    { key: 'tickTime', value: 2000 },
    { key: 'initLimit', value: 10, why: '20 s to copy the data of the leader' },
    { key: 'syncLimit', value: 5, why: '10 s behind the leader' },
    { key: 'autopurge.snapRetainCount', value: 3 },
    { key: 'autopurge.purgeInterval', value: 24, why: 'hours; by default, snapshots and logs are never deleted' },
    { key: '4lw.commands.whitelist', value: 'mntr,srvr,ruok', why: 'used by monitoring and rolling restarts' },
    { key: 'admin.enableServer', value: false, why: 'it would use port 8080' },
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
  const voters = controllers.map(
    ({ host }, index) => `${index + 1}@${site.address(host)}:${site.port(host, 'kafka-controller')}`,
  );
  return [
    { key: 'controller.quorum.voters', value: voters.join(',') },
    { key: 'controller.listener.names', value: 'CONTROLLER' },
  ];
}

function durability(plan: RenderedCluster): Setting[] {
  const { replicas, domains } = plan;
  const longest = Math.max(...domains.map(({ retentionSeconds }) => retentionSeconds));
  const inSync = inSyncCopies(plan);
  return [
    {
      key: 'default.replication.factor',
      value: replicas,
      why: 'as planned; from Kafka 5 on only the value of the controller applies',
    },
    { key: 'min.insync.replicas', value: inSync, why: 'the other copies may be down; producers use acks=all' },
    { key: 'offsets.topic.replication.factor', value: replicas },
    { key: 'transaction.state.log.replication.factor', value: replicas },
    { key: 'transaction.state.log.min.isr', value: inSync },
    {
      key: 'unclean.leader.election.enable',
      value: false,
      why: 'a replica that lags does not become leader: no message is lost',
    },
    {
      key: 'auto.create.topics.enable',
      value: false,
      why: 'topics created by accident have the wrong number of copies and partitions',
    },
    {
      key: 'log.retention.ms',
      value: Math.round(longest * 1000),
      why: 'the longest retention of its domains; topics can have a shorter one',
    },
  ];
}

function threads({ shape, domains, replicas, brokers }: RenderedCluster): Setting[] {
  const held = domains.reduce((sum, { partitions }) => sum + partitions * replicas, 0) / brokers.length;
  return [
    { key: 'num.replica.fetchers', value: 1 + Math.floor(held / 500), why: 'one, and one more per 500 partitions' },
    {
      key: 'num.io.threads',
      value: Math.max(8, Math.round(shape.cores)),
      why: 'as many as cores, 8 at least (Kafka default)',
    },
    {
      key: 'num.network.threads',
      value: Math.max(3, Math.round(shape.cores / 2)),
      why: 'half as many as cores (Amazon MSK)',
    },
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
      // Kafka 4 reads the first, an earlier release the second, and neither opens the other's file.
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

/** 16 bytes, base64url, as Kafka's Uuid: the same for the same name, and never one that begins like an option. */
export function clusterId(name: string): string {
  const digest = createHash('sha256').update(`kafka cluster ${name}`).digest().subarray(0, 16);
  digest[0] = (digest[0] ?? 0) & 0x7f;
  return digest.toString('base64url');
}
