// Counts the registered brokers of a cluster, even while it is down.

const chosen = '{cluster=~"$cluster"}';

type BrokerCount = 'kafka_brokers' | 'rocketmq_brokers';

/** The highest number in the last six hours: the reference of alerts on missing brokers, unless a metric states the expected brokers. */
export const mostBrokers = (metric: BrokerCount): string => `max by (cluster) (max_over_time(${metric}${chosen}[6h]))`;

/** The series ends with the last broker, so it is replaced by 0, as in the alert on a missing RocketMQ broker. */
export const brokersOrNone = (metric: BrokerCount, present = `max by (cluster) (${metric}${chosen})`): string =>
  `${present} or 0 * ${mostBrokers(metric)} and on (cluster) min by (cluster) (plimsoll_cluster_down${chosen}) == 1`;
