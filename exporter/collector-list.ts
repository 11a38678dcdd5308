// Lists the collectors by name, without loading them, so that config is validated without them.

import type { ClusterCollector, HostCollector } from './collector.ts';

export const clusterCollectors = {
  brokers: async () => (await import('./collectors/brokers.ts')).brokers,
  'broker-availability': async () => (await import('./collectors/broker-availability.ts')).brokerAvailability,
  certificates: async () => (await import('./collectors/certificates.ts')).certificates,
  partitions: async () => (await import('./collectors/partitions.ts')).partitions,
  'topic-availability': async () => (await import('./collectors/topic-availability.ts')).topicAvailability,
  'topic-config': async () => (await import('./collectors/topic-config.ts')).topicConfig,
  offsets: async () => (await import('./collectors/offsets.ts')).offsets,
  'last-stable-offsets': async () => (await import('./collectors/last-stable-offsets.ts')).lastStableOffsets,
  'consumer-groups': async () => (await import('./collectors/consumer-groups.ts')).consumerGroups,
  'group-states': async () => (await import('./collectors/group-states.ts')).groupStates,
  'consumer-lag': async () => (await import('./collectors/consumer-lag.ts')).consumerLag,
  'broker-internals': async () => (await import('./collectors/broker-internals.ts')).brokerInternals,
  'log-dirs': async () => (await import('./collectors/log-dirs.ts')).logDirs,
  quorum: async () => (await import('./collectors/quorum.ts')).quorum,
  zookeeper: async () => (await import('./collectors/zookeeper.ts')).zooKeeper,
  'rocketmq-brokers': async () => (await import('./collectors/rocketmq/brokers.ts')).rocketmqBrokers,
  'rocketmq-name-servers': async () => (await import('./collectors/rocketmq/name-servers.ts')).rocketmqNameServers,
  'rocketmq-disagreements': async () => (await import('./collectors/rocketmq/disagreements.ts')).rocketmqDisagreements,
  'rocketmq-messages': async () => (await import('./collectors/rocketmq/messages.ts')).rocketmqMessages,
  'rocketmq-put-latency': async () => (await import('./collectors/rocketmq/put-latency.ts')).rocketmqPutLatency,
  'rocketmq-saturation': async () => (await import('./collectors/rocketmq/saturation.ts')).rocketmqSaturation,
  'rocketmq-storage': async () => (await import('./collectors/rocketmq/storage.ts')).rocketmqStorage,
  'rocketmq-replication': async () => (await import('./collectors/rocketmq/replication.ts')).rocketmqReplication,
  'rocketmq-dledger': async () => (await import('./collectors/rocketmq/dledger.ts')).rocketmqDledger,
  'rocketmq-topics': async () => (await import('./collectors/rocketmq/topics.ts')).rocketmqTopics,
  'rocketmq-queues': async () => (await import('./collectors/rocketmq/queues.ts')).rocketmqQueues,
  'rocketmq-stored-messages': async () =>
    (await import('./collectors/rocketmq/stored-messages.ts')).rocketmqStoredMessages,
  'rocketmq-traffic': async () => (await import('./collectors/rocketmq/traffic.ts')).rocketmqTraffic,
  'rocketmq-delayed-messages': async () =>
    (await import('./collectors/rocketmq/delayed-messages.ts')).rocketmqDelayedMessages,
  'rocketmq-consumer-lag': async () => (await import('./collectors/rocketmq/consumer-lag.ts')).rocketmqConsumerLag,
  'rocketmq-consumer-clients': async () =>
    (await import('./collectors/rocketmq/consumer-clients.ts')).rocketmqConsumerClients,
  'rocketmq-dead-letters': async () => (await import('./collectors/rocketmq/dead-letters.ts')).rocketmqDeadLetters,
  'rocketmq-native-metrics': async () =>
    (await import('./collectors/rocketmq/native-metrics.ts')).rocketmqNativeMetrics,
} satisfies Record<string, () => Promise<ClusterCollector>>;

export type ClusterCollectorName = keyof typeof clusterCollectors;

export const hostCollectors = {
  cpu: async () => (await import('./collectors/hosts/cpu.ts')).cpu,
  loadavg: async () => (await import('./collectors/hosts/loadavg.ts')).loadavg,
  meminfo: async () => (await import('./collectors/hosts/meminfo.ts')).meminfo,
  'hottest-core': async () => (await import('./collectors/hosts/hottest-core.ts')).hottestCore,
  diskstats: async () => (await import('./collectors/hosts/diskstats.ts')).diskstats,
  netdev: async () => (await import('./collectors/hosts/netdev.ts')).netdev,
  netclass: async () => (await import('./collectors/hosts/netclass.ts')).netclass,
  pressure: async () => (await import('./collectors/hosts/pressure.ts')).pressure,
  processes: async () => (await import('./collectors/hosts/processes.ts')).processes,
  'process-cgroups': async () => (await import('./collectors/hosts/process-cgroups.ts')).processCgroups,
  'gc-logs': async () => (await import('./collectors/hosts/gc-logs.ts')).gcLogs,
  filesystem: async () => (await import('./collectors/hosts/filesystem.ts')).filesystem,
  kernel: async () => (await import('./collectors/hosts/kernel-activity.ts')).kernelActivity,
  softnet: async () => (await import('./collectors/hosts/softnet.ts')).softnet,
  netstat: async () => (await import('./collectors/hosts/netstat.ts')).netstat,
  sockstat: async () => (await import('./collectors/hosts/sockstat.ts')).sockstat,
  vmstat: async () => (await import('./collectors/hosts/vmstat.ts')).vmstat,
  time: async () => (await import('./collectors/hosts/time.ts')).time,
  bonding: async () => (await import('./collectors/hosts/bonding.ts')).bonding,
  nvme: async () => (await import('./collectors/hosts/nvme.ts')).nvme,
  'link-use': async () => (await import('./collectors/hosts/link-use.ts')).linkUse,
  bursts: async () => (await import('./collectors/hosts/bursts.ts')).bursts,
  'memory-settings': async () => (await import('./collectors/hosts/memory-settings.ts')).memorySettings,
} satisfies Record<string, () => Promise<HostCollector>>;
