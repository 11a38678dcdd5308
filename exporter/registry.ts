// Registers all collectors; the keys are their names in metrics and docs/metrics.md.

import type { ClusterCollector, HostCollector } from './collector.ts';
import type { ClusterCollectorName } from './collector-names.ts';
import { brokerAvailability } from './collectors/broker-availability.ts';
import { brokerInternals } from './collectors/broker-internals.ts';
import { brokers } from './collectors/brokers.ts';
import { certificates } from './collectors/certificates.ts';
import { consumerGroups } from './collectors/consumer-groups.ts';
import { consumerLag } from './collectors/consumer-lag.ts';
import { groupStates } from './collectors/group-states.ts';
import { bonding } from './collectors/hosts/bonding.ts';
import { bursts } from './collectors/hosts/bursts.ts';
import { cpu } from './collectors/hosts/cpu.ts';
import { diskstats } from './collectors/hosts/diskstats.ts';
import { filesystem } from './collectors/hosts/filesystem.ts';
import { hottestCore } from './collectors/hosts/hottest-core.ts';
import { gcLogs } from './collectors/hosts/gc-logs.ts';
import { kernelActivity } from './collectors/hosts/kernel-activity.ts';
import { linkUse } from './collectors/hosts/link-use.ts';
import { loadavg } from './collectors/hosts/loadavg.ts';
import { meminfo } from './collectors/hosts/meminfo.ts';
import { memorySettings } from './collectors/hosts/memory-settings.ts';
import { netclass } from './collectors/hosts/netclass.ts';
import { netdev } from './collectors/hosts/netdev.ts';
import { netstat } from './collectors/hosts/netstat.ts';
import { nvme } from './collectors/hosts/nvme.ts';
import { pressure } from './collectors/hosts/pressure.ts';
import { processCgroups } from './collectors/hosts/process-cgroups.ts';
import { processes } from './collectors/hosts/processes.ts';
import { sockstat } from './collectors/hosts/sockstat.ts';
import { softnet } from './collectors/hosts/softnet.ts';
import { time } from './collectors/hosts/time.ts';
import { vmstat } from './collectors/hosts/vmstat.ts';
import { lastStableOffsets } from './collectors/last-stable-offsets.ts';
import { logDirs } from './collectors/log-dirs.ts';
import { offsets } from './collectors/offsets.ts';
import { partitions } from './collectors/partitions.ts';
import { quorum } from './collectors/quorum.ts';
import { rocketmqBrokers } from './collectors/rocketmq/brokers.ts';
import { rocketmqConsumerClients } from './collectors/rocketmq/consumer-clients.ts';
import { rocketmqConsumerLag } from './collectors/rocketmq/consumer-lag.ts';
import { rocketmqDeadLetters } from './collectors/rocketmq/dead-letters.ts';
import { rocketmqDelayedMessages } from './collectors/rocketmq/delayed-messages.ts';
import { rocketmqDisagreements } from './collectors/rocketmq/disagreements.ts';
import { rocketmqDledger } from './collectors/rocketmq/dledger.ts';
import { rocketmqMessages } from './collectors/rocketmq/messages.ts';
import { rocketmqNameServers } from './collectors/rocketmq/name-servers.ts';
import { rocketmqNativeMetrics } from './collectors/rocketmq/native-metrics.ts';
import { rocketmqPutLatency } from './collectors/rocketmq/put-latency.ts';
import { rocketmqQueues } from './collectors/rocketmq/queues.ts';
import { rocketmqReplication } from './collectors/rocketmq/replication.ts';
import { rocketmqSaturation } from './collectors/rocketmq/saturation.ts';
import { rocketmqStorage } from './collectors/rocketmq/storage.ts';
import { rocketmqStoredMessages } from './collectors/rocketmq/stored-messages.ts';
import { rocketmqTopics } from './collectors/rocketmq/topics.ts';
import { rocketmqTraffic } from './collectors/rocketmq/traffic.ts';
import { topicAvailability } from './collectors/topic-availability.ts';
import { topicConfig } from './collectors/topic-config.ts';
import { zooKeeper } from './collectors/zookeeper.ts';

const clusterCollectors = {
  brokers,
  'broker-availability': brokerAvailability,
  certificates,
  partitions,
  'topic-availability': topicAvailability,
  'topic-config': topicConfig,
  offsets,
  'last-stable-offsets': lastStableOffsets,
  'consumer-groups': consumerGroups,
  'group-states': groupStates,
  'consumer-lag': consumerLag,
  'broker-internals': brokerInternals,
  'log-dirs': logDirs,
  quorum,
  zookeeper: zooKeeper,
  'rocketmq-brokers': rocketmqBrokers,
  'rocketmq-name-servers': rocketmqNameServers,
  'rocketmq-disagreements': rocketmqDisagreements,
  'rocketmq-messages': rocketmqMessages,
  'rocketmq-put-latency': rocketmqPutLatency,
  'rocketmq-saturation': rocketmqSaturation,
  'rocketmq-storage': rocketmqStorage,
  'rocketmq-replication': rocketmqReplication,
  'rocketmq-dledger': rocketmqDledger,
  'rocketmq-topics': rocketmqTopics,
  'rocketmq-queues': rocketmqQueues,
  'rocketmq-stored-messages': rocketmqStoredMessages,
  'rocketmq-traffic': rocketmqTraffic,
  'rocketmq-delayed-messages': rocketmqDelayedMessages,
  'rocketmq-consumer-lag': rocketmqConsumerLag,
  'rocketmq-consumer-clients': rocketmqConsumerClients,
  'rocketmq-dead-letters': rocketmqDeadLetters,
  'rocketmq-native-metrics': rocketmqNativeMetrics,
} satisfies Record<ClusterCollectorName, ClusterCollector>;

const hostCollectors = {
  cpu,
  loadavg,
  meminfo,
  'hottest-core': hottestCore,
  diskstats,
  netdev,
  netclass,
  pressure,
  processes,
  'process-cgroups': processCgroups,
  'gc-logs': gcLogs,
  filesystem,
  kernel: kernelActivity,
  softnet,
  netstat,
  sockstat,
  vmstat,
  time,
  bonding,
  nvme,
  'link-use': linkUse,
  bursts,
  'memory-settings': memorySettings,
} satisfies Record<string, HostCollector>;

export const collectors: Record<ClusterCollectorName, ClusterCollector> &
  Record<keyof typeof hostCollectors, HostCollector> = { ...clusterCollectors, ...hostCollectors };
