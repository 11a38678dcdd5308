// Registers all collectors; the keys are their names in metrics and docs/reference/metrics.md.

import type { ClusterCollector, HostCollector } from './collector.ts';
import type { ClusterCollectorName } from './collector-names.ts';

const clusterCollectors = {
  brokers: (await import('./collectors/brokers.ts')).brokers,
  'broker-availability': (await import('./collectors/broker-availability.ts')).brokerAvailability,
  certificates: (await import('./collectors/certificates.ts')).certificates,
  partitions: (await import('./collectors/partitions.ts')).partitions,
  'topic-availability': (await import('./collectors/topic-availability.ts')).topicAvailability,
  'topic-config': (await import('./collectors/topic-config.ts')).topicConfig,
  offsets: (await import('./collectors/offsets.ts')).offsets,
  'last-stable-offsets': (await import('./collectors/last-stable-offsets.ts')).lastStableOffsets,
  'consumer-groups': (await import('./collectors/consumer-groups.ts')).consumerGroups,
  'group-states': (await import('./collectors/group-states.ts')).groupStates,
  'consumer-lag': (await import('./collectors/consumer-lag.ts')).consumerLag,
  'broker-internals': (await import('./collectors/broker-internals.ts')).brokerInternals,
  'log-dirs': (await import('./collectors/log-dirs.ts')).logDirs,
  quorum: (await import('./collectors/quorum.ts')).quorum,
  zookeeper: (await import('./collectors/zookeeper.ts')).zooKeeper,
  'rocketmq-brokers': (await import('./collectors/rocketmq/brokers.ts')).rocketmqBrokers,
  'rocketmq-name-servers': (await import('./collectors/rocketmq/name-servers.ts')).rocketmqNameServers,
  'rocketmq-disagreements': (await import('./collectors/rocketmq/disagreements.ts')).rocketmqDisagreements,
  'rocketmq-messages': (await import('./collectors/rocketmq/messages.ts')).rocketmqMessages,
  'rocketmq-put-latency': (await import('./collectors/rocketmq/put-latency.ts')).rocketmqPutLatency,
  'rocketmq-saturation': (await import('./collectors/rocketmq/saturation.ts')).rocketmqSaturation,
  'rocketmq-storage': (await import('./collectors/rocketmq/storage.ts')).rocketmqStorage,
  'rocketmq-replication': (await import('./collectors/rocketmq/replication.ts')).rocketmqReplication,
  'rocketmq-dledger': (await import('./collectors/rocketmq/dledger.ts')).rocketmqDledger,
  'rocketmq-topics': (await import('./collectors/rocketmq/topics.ts')).rocketmqTopics,
  'rocketmq-queues': (await import('./collectors/rocketmq/queues.ts')).rocketmqQueues,
  'rocketmq-stored-messages': (await import('./collectors/rocketmq/stored-messages.ts')).rocketmqStoredMessages,
  'rocketmq-traffic': (await import('./collectors/rocketmq/traffic.ts')).rocketmqTraffic,
  'rocketmq-delayed-messages': (await import('./collectors/rocketmq/delayed-messages.ts')).rocketmqDelayedMessages,
  'rocketmq-consumer-lag': (await import('./collectors/rocketmq/consumer-lag.ts')).rocketmqConsumerLag,
  'rocketmq-consumer-clients': (await import('./collectors/rocketmq/consumer-clients.ts')).rocketmqConsumerClients,
  'rocketmq-dead-letters': (await import('./collectors/rocketmq/dead-letters.ts')).rocketmqDeadLetters,
  'rocketmq-native-metrics': (await import('./collectors/rocketmq/native-metrics.ts')).rocketmqNativeMetrics,
} satisfies Record<ClusterCollectorName, ClusterCollector>;

const hostCollectors = {
  cpu: (await import('./collectors/hosts/cpu.ts')).cpu,
  loadavg: (await import('./collectors/hosts/loadavg.ts')).loadavg,
  meminfo: (await import('./collectors/hosts/meminfo.ts')).meminfo,
  'hottest-core': (await import('./collectors/hosts/hottest-core.ts')).hottestCore,
  diskstats: (await import('./collectors/hosts/diskstats.ts')).diskstats,
  netdev: (await import('./collectors/hosts/netdev.ts')).netdev,
  netclass: (await import('./collectors/hosts/netclass.ts')).netclass,
  pressure: (await import('./collectors/hosts/pressure.ts')).pressure,
  processes: (await import('./collectors/hosts/processes.ts')).processes,
  'process-cgroups': (await import('./collectors/hosts/process-cgroups.ts')).processCgroups,
  'gc-logs': (await import('./collectors/hosts/gc-logs.ts')).gcLogs,
  filesystem: (await import('./collectors/hosts/filesystem.ts')).filesystem,
  kernel: (await import('./collectors/hosts/kernel-activity.ts')).kernelActivity,
  softnet: (await import('./collectors/hosts/softnet.ts')).softnet,
  netstat: (await import('./collectors/hosts/netstat.ts')).netstat,
  sockstat: (await import('./collectors/hosts/sockstat.ts')).sockstat,
  vmstat: (await import('./collectors/hosts/vmstat.ts')).vmstat,
  time: (await import('./collectors/hosts/time.ts')).time,
  bonding: (await import('./collectors/hosts/bonding.ts')).bonding,
  nvme: (await import('./collectors/hosts/nvme.ts')).nvme,
  'link-use': (await import('./collectors/hosts/link-use.ts')).linkUse,
  bursts: (await import('./collectors/hosts/bursts.ts')).bursts,
  'memory-settings': (await import('./collectors/hosts/memory-settings.ts')).memorySettings,
} satisfies Record<string, HostCollector>;

export const collectors: Record<ClusterCollectorName, ClusterCollector> &
  Record<keyof typeof hostCollectors, HostCollector> = { ...clusterCollectors, ...hostCollectors };
