// Lists the names of cluster collectors, so that config is validated without loading the collectors.

export const clusterCollectorNames = [
  'brokers',
  'broker-availability',
  'certificates',
  'partitions',
  'topic-availability',
  'topic-config',
  'offsets',
  'last-stable-offsets',
  'consumer-groups',
  'group-states',
  'consumer-lag',
  'broker-internals',
  'log-dirs',
  'quorum',
  'zookeeper',
  'rocketmq-brokers',
  'rocketmq-name-servers',
  'rocketmq-disagreements',
  'rocketmq-messages',
  'rocketmq-put-latency',
  'rocketmq-saturation',
  'rocketmq-storage',
  'rocketmq-replication',
  'rocketmq-dledger',
  'rocketmq-topics',
  'rocketmq-queues',
  'rocketmq-stored-messages',
  'rocketmq-traffic',
  'rocketmq-delayed-messages',
  'rocketmq-consumer-lag',
  'rocketmq-consumer-clients',
  'rocketmq-dead-letters',
  'rocketmq-native-metrics',
] as const;

export type ClusterCollectorName = (typeof clusterCollectorNames)[number];

/** Other exporters whose metrics can be served too. */
export const compatibilityNames = ['kminion', 'rocketmq-exporter'] as const;

export type CompatibilityName = (typeof compatibilityNames)[number];
