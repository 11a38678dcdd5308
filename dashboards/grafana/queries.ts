// Parts of queries that several dashboards share.

const selector = String.raw`(?:plimsoll|kafka|rocketmq|zookeeper|node|jvm)_\w+(?:\{[^}]*\})?`;
const series = String.raw`(?:(?:rate|increase|deriv|changes|\w+_over_time)\(${selector}\[[^\]]+\]\)|${selector}(?![\w{[])(?: offset \w+)?)`;
/** Queries that already take the minimum or maximum over instances. */
const isMerged = String.raw`(?<=\b(?:min|max) by \([^)]*\) \()${series}\)`;
const unmerged = new RegExp(String.raw`(?<!\w)(?!${isMerged})${series}`, 'g');

/**
 * Takes the highest value of several instances that read the same clusters, as in the alert rules. Otherwise sums would double, and joins
 * would find two series for one. A query that uses `instance` stays separate by instance.
 */
export const acrossInstances = ({ expr, legend = '' }: { expr: string; legend?: string }): string =>
  /\binstance\b/.test(expr + legend) ? expr : expr.replaceAll(unmerged, 'max without (instance) ($&)');

// Counts the registered brokers of a cluster, even while it is down.

const chosen = '{cluster=~"$cluster"}';

type BrokerCount = 'kafka_brokers' | 'rocketmq_brokers';

/** The highest number in the last six hours: the reference of alerts on missing brokers, unless a metric states the expected brokers. */
export const mostBrokers = (metric: BrokerCount): string => `max by (cluster) (max_over_time(${metric}${chosen}[6h]))`;

const group = `label_replace(max without (instance) (rocketmq_broker_up${chosen}), "broker_name", "$1", "broker", "(.+):[0-9]+")`;
const closed = `min without (instance) (min_over_time(rocketmq_closed_brokers${chosen}[10m])) and max without (instance) (rocketmq_closed_brokers${chosen})`;
const most = `max without (instance) (max_over_time(rocketmq_brokers${chosen}[6h]))`;
/** Without groups that a scale-in removed: `cluster:rocketmq_brokers:expected` of the alert rules, which may be missing. */
export const expectedRocketmqBrokers = `sum without (broker_name) (max_over_time(min_over_time(count without (broker) (${group})[2m:1m])[6h:1m]) unless on (cluster, broker_name) (last_over_time((${closed})[6h:1m]) > 0 unless on (cluster, broker_name) ${group})) < ${most} or ${most}`;

/** The series ends with the last broker, so it is replaced by 0, as in the alert on a missing RocketMQ broker. */
export const brokersOrNone = (metric: BrokerCount, present = `max by (cluster) (${metric}${chosen})`): string =>
  `${present} or 0 * ${mostBrokers(metric)} and on (cluster) min by (cluster) (plimsoll_cluster_down${chosen}) == 1`;

// Selects the consumer lag in seconds, as used in alerts.

const byTopic = 'max by (cluster, consumergroup, topic)';

/** The maximum of a topic is absent while the lag of a partition is unknown; the highest known one is then used, as in the alert rules. */
export const lagSeconds = (chosen: string): string =>
  ['lag_max_seconds', 'lag_seconds', 'queue_lag_seconds']
    .map((metric) => `${byTopic} (plimsoll_consumergroup_${metric}${chosen})`)
    .join(' or ');
