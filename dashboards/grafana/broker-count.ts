// Counts the registered brokers of a cluster, also while it is down.

const chosen = '{cluster=~"$cluster"}';

type BrokerCount = 'kafka_brokers' | 'rocketmq_brokers';

/** The highest number in the last six hours, with which alerts on a missing broker compare unless a metric states who is expected. */
export const mostBrokers = (metric: BrokerCount): string => `max by (cluster) (max_over_time(${metric}${chosen}[6h]))`;

/** The series ends with the last broker: 0 then, as in the alert on a missing RocketMQ broker. */
export const brokersOrNone = (metric: BrokerCount, present = `max by (cluster) (${metric}${chosen})`): string =>
  `${present} or 0 * ${mostBrokers(metric)} and on (cluster) min by (cluster) (plimsoll_cluster_down${chosen}) == 1`;
