// Renders the files of each host of a RocketMQ cluster: brokers, name servers, controllers.

import { openedPackages } from '../../brokers/rocketmq/java-options.ts';
import { inSyncCopies, type PlannedBroker } from '../../core/documents/cluster-plan.ts';
import { jvmOptions, kernelFiles, serviceFiles, type RenderedFile } from './host-files.ts';
import { jvmMemory } from './memory.ts';
import { renderSettings, setting, withOwn, type Setting } from './settings-file.ts';
import { addressesOf, addressOf, type RenderedCluster, type Site } from './site.ts';

export type HostFiles = ReadonlyMap<string, readonly RenderedFile[]>;

/** Heap of a name server, which stores routes: 30 MB for 10,000 topics. */
const nameServerMegabytes = 512;

export function rocketmqFiles(plan: RenderedCluster, site: Site): HostFiles {
  const files = new Map<string, RenderedFile[]>();
  for (const broker of plan.brokers) files.set(broker.host, brokerFiles(plan, broker, site));
  for (const { host } of plan.nameServers ?? []) files.set(host, nameServerFiles(plan, host, site));
  for (const { host } of plan.controllers ?? []) files.set(host, controllerFiles(plan, host, site));
  return files;
}

function brokerFiles(plan: RenderedCluster, broker: PlannedBroker, site: Site): RenderedFile[] {
  const { host } = broker;
  const { heapMegabytes: heap, directMegabytes } = jvmMemory(plan);
  const planned = [
    ...identity(plan, broker, site),
    ...replication(plan, broker, site),
    ...storage(plan, host, site),
    setting('autoCreateTopicEnable', false, 'topics created by accident are on one broker only'),
    setting('autoCreateSubscriptionGroup', false),
    setting(
      'sendMessageThreadPoolNums',
      Math.min(plan.shape.cores, 4),
      'RocketMQ 5, BrokerConfig: at most 4; a public course says as many as cores',
    ),
    setting('useReentrantLockWhenPutMessage', true, 'several sending threads must not spin'),
  ];
  const settings = renderSettings(
    `${host}: broker of cluster ${plan.name}, as it was planned`,
    withOwn(planned, plan.settings),
  );
  const service = {
    name: 'rocketmq-broker',
    description: `RocketMQ broker ${broker.group ?? host} of cluster ${plan.name}`,
    ...program('broker', host, site, [
      `-Xms${heap}m`,
      `-Xmx${heap}m`,
      `-XX:MaxDirectMemorySize=${directMegabytes}m`,
      '-XX:+UseG1GC',
      '-XX:G1HeapRegionSize=16m',
      '-XX:G1ReservePercent=25',
      '-XX:InitiatingHeapOccupancyPercent=30',
      '-XX:SoftRefLRUPolicyMSPerMB=0',
      '-XX:+AlwaysPreTouch',
    ]),
    mainClass: 'org.apache.rocketmq.broker.BrokerStartup',
    args: ['-c', `${site.etc(host)}/broker.conf`],
  };
  return [{ path: 'broker.conf', text: settings }, ...serviceFiles(service, host, site), ...kernelFiles(site)];
}

function identity({ name, nameServers = [] }: RenderedCluster, { host, group }: PlannedBroker, site: Site): Setting[] {
  return [
    setting('brokerClusterName', name),
    setting('brokerName', group ?? host),
    setting('namesrvAddr', addressesOf(site, nameServers, 'rocketmq-name-server').join(';')),
    setting('listenPort', site.port(host, 'rocketmq-broker')),
    setting('brokerIP1', site.address(host), 'address for clients; on the network card that the plan assumes'),
    setting('brokerIP2', site.address(host), 'address for slaves'),
  ];
}

function replication(plan: RenderedCluster, broker: PlannedBroker, site: Site): Setting[] {
  const { mode, domains, controllers = [] } = plan;
  const { host, role, brokerId, group } = broker;
  const neverLoses = domains.some(({ loss }) => loss === 'never');
  const mayLose = domains.every(({ loss }) => loss === 'may-lose');
  const members = plan.brokers.filter((each) => each.group === group);
  const isSync = neverLoses && (mode === 'master-slave' || mode === 'single');
  const flush = setting(
    'flushDiskType',
    isSync ? 'SYNC_FLUSH' : 'ASYNC_FLUSH',
    isSync ? 'a domain must never lose a message' : 'copies on other hosts have the messages that memory loses',
  );
  if (mode === 'dledger') {
    const peers = members.map((each) => `n${each.brokerId}-${addressOf(site, each.host, 'rocketmq-dledger')}`);
    return [
      setting('enableDLegerCommitLog', true),
      setting('dLegerGroup', group ?? host),
      setting('dLegerPeers', peers.join(';')),
      setting('dLegerSelfId', `n${brokerId}`),
      setting('enableBatchPush', true, 'otherwise each message goes to each follower in a separate request'),
      flush,
    ];
  }
  if (mode === 'controller') {
    return [
      setting('enableControllerMode', true),
      setting('controllerAddr', addressesOf(site, controllers, 'rocketmq-controller').join(';')),
      setting('brokerRole', 'SLAVE', 'the controller elects the master'),
      setting('allAckInSyncStateSet', !mayLose, 'an answer means that all copies in sync have the message'),
      setting(
        'minInSyncReplicas',
        inSyncCopies({ replicas: members.length, domains }),
        'least copies in sync, the master included, with which messages are accepted; RocketMQ by default: 1',
      ),
      flush,
    ];
  }
  const isAlone = members.length < 2;
  const master = mayLose || isAlone ? 'ASYNC_MASTER' : 'SYNC_MASTER';
  return [
    setting('brokerId', brokerId),
    setting('brokerRole', role === 'slave' ? 'SLAVE' : master, 'the loss that the domains accept'),
    // 5.x counts the master, and by default requires only the master; 4.9 does not know the key.
    ...(master === 'SYNC_MASTER'
      ? [setting('inSyncReplicas', Math.min(2, members.length), 'RocketMQ 5: the master and a slave')]
      : []),
    ...(isAlone ? [] : [setting('slaveReadEnable', true, 'consumers with a high lag read from the disk of the slave')]),
    flush,
  ];
}

function storage({ domains }: RenderedCluster, host: string, site: Site): Setting[] {
  const longest = Math.max(...domains.map(({ retentionSeconds }) => retentionSeconds));
  return [
    setting('storePathRootDir', site.data(host)),
    setting('storePathCommitLog', `${site.data(host)}/commitlog`),
    setting('fileReservedTime', Math.max(1, Math.ceil(longest / 3600)), 'hours; the longest retention of its domains'),
    setting('deleteWhen', '04', 'the quietest hour of the day'),
    setting('diskMaxUsedSpaceRatio', 75, 'RocketMQ, MessageStoreConfig'),
    setting('transientStorePoolEnable', false, 'its contents are lost in a crash'),
  ];
}

function nameServerFiles(plan: RenderedCluster, host: string, site: Site): RenderedFile[] {
  const { name } = plan;
  const settings = renderSettings(`${host}: name server of cluster ${name}`, [
    setting('listenPort', site.port(host, 'rocketmq-name-server')),
    setting('kvConfigPath', `${site.data(host)}/kvConfig.json`),
    setting('configStorePath', `${site.etc(host)}/namesrv.conf`),
  ]);
  const service = {
    name: 'rocketmq-namesrv',
    description: `RocketMQ name server of cluster ${name}`,
    ...program('namesrv', host, site, small(plan)),
    mainClass: 'org.apache.rocketmq.namesrv.NamesrvStartup',
    args: ['-c', `${site.etc(host)}/namesrv.conf`],
  };
  return [{ path: 'namesrv.conf', text: settings }, ...serviceFiles(service, host, site), ...kernelFiles(site)];
}

function controllerFiles(plan: RenderedCluster, host: string, site: Site): RenderedFile[] {
  const { name, controllers = [] } = plan;
  const peers = addressesOf(site, controllers, 'rocketmq-controller').map((address, index) => `n${index}-${address}`);
  const settings = renderSettings(`${host}: controller of cluster ${name}`, [
    setting('controllerDLegerGroup', `${name}-controller`),
    setting('controllerDLegerPeers', peers.join(';')),
    setting('controllerDLegerSelfId', `n${controllers.findIndex((each) => each.host === host)}`),
    setting('controllerStorePath', site.data(host)),
  ]);
  const service = {
    name: 'rocketmq-controller',
    description: `RocketMQ controller of cluster ${name}`,
    ...program('controller', host, site, small(plan)),
    mainClass: 'org.apache.rocketmq.controller.ControllerStartup',
    args: ['-c', `${site.etc(host)}/controller.conf`],
  };
  return [{ path: 'controller.conf', text: settings }, ...serviceFiles(service, host, site), ...kernelFiles(site)];
}

/** Heap of name servers and controllers, which store little; a test machine has even less memory. */
function small(plan: RenderedCluster): string[] {
  const megabytes = Math.min(nameServerMegabytes, jvmMemory(plan).heapMegabytes);
  return [`-Xms${megabytes}m`, `-Xmx${megabytes}m`, '-XX:+UseG1GC'];
}

function program(part: 'broker' | 'namesrv' | 'controller', host: string, site: Site, memory: readonly string[]) {
  return {
    javaOptions: [
      ...jvmOptions(host, site, memory),
      `-Drocketmq.home.dir=${site.home(host, 'rocketmq')}`,
      // For RocketMQ 5; 4.9 finds conf/logback_*.xml by name.
      `-Drmq.logback.configurationFile=${site.home(host, 'rocketmq')}/conf/rmq.${part}.logback.xml`,
      // Components without a configured path write below the user's home.
      `-Duser.home=${site.data(host)}`,
      ...openedPackages,
    ],
    classPath: `${site.home(host, 'rocketmq')}/lib/*`,
  };
}
