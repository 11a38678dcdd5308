// Defines the dashboard of consumer lag: lag in messages and seconds, and the estimated time to catch up.

import { dashboard, loadTests, notInternal, ofAnyCluster, row, topics } from './dashboard.ts';
import { lagSeconds } from './queries.ts';
import { figure, lines, table } from './panel.ts';
import { units } from './unit.ts';

const chosen = '{cluster=~"$cluster", topic=~"$topic", consumergroup=~"$consumergroup"}';
const lag = `plimsoll_consumergroup_consumable_lag_messages${chosen}`;
const seconds = lagSeconds(chosen);
const legend = '{{cluster}} {{consumergroup}} {{topic}}';

/** Long enough that batched commits do not look like catching up. */
const trend = '10m';
/** The trend of a smaller lag is noise. */
const noticeableSeconds = 60;

const deadLetters = 'rocketmq_consumergroup_dead_letters_total{cluster=~"$cluster", consumergroup=~"$consumergroup"}';
/** Broker names whose dead letters were read and shown before, as in the alert on dead letters. */
const readBefore =
  'label_join(max by (cluster, broker_name, instance) (rocketmq_broker_info{cluster=~"$cluster"} offset 15m and on (cluster, broker, instance) plimsoll_scrape_section_success{cluster=~"$cluster", section="offsets"} offset 15m == 1 unless on (cluster, instance) plimsoll_scrape_series_shed{cluster=~"$cluster", detail="group"} offset 15m > 0), "broker", "", "broker_name")';

export const consumerLag = dashboard({
  uid: 'plimsoll-lag',
  title: 'Plimsoll / Consumer lag',
  description: 'Which consumer groups lag, by how much time, and when will they have caught up?',
  variables: [
    ofAnyCluster,
    topics('plimsoll_consumergroup_partitions{cluster=~"$cluster"}'),
    {
      name: 'consumergroup',
      label: 'Group',
      series: 'plimsoll_consumergroup_partitions{cluster=~"$cluster", topic=~"$topic"}',
    },
  ],
  annotations: [loadTests],
  rows: [
    row('Lag and time to catch up', [
      figure('Highest lag, time', {
        description: 'Age of the oldest message that a group has not committed and can still read.',
        unit: units.duration,
        expr: `round(max by (cluster) (${seconds}))`,
        limits: { worse: 'above', warn: 180, bad: 900 },
        width: 6,
      }),
      figure('Consumer lag', {
        description: 'Messages that groups have not committed and can still read.',
        expr: `sum by (cluster) (${lag})`,
        width: 6,
      }),
      figure('Deleted before consumed', {
        description: 'Messages that retention deleted before a group read them.',
        expr: `sum by (cluster) (plimsoll_consumergroup_lost_messages${chosen})`,
        limits: { worse: 'above', warn: 1, bad: 1 },
        width: 6,
      }),
      figure('Partitions with unknown lag', {
        description: 'Partitions whose lag in time is unknown.',
        expr: `sum by (cluster) (plimsoll_consumergroup_lag_method_partitions{cluster=~"$cluster", topic=~"$topic", consumergroup=~"$consumergroup", method="unknown"})`,
        limits: { worse: 'above', warn: 1 },
        width: 6,
      }),
      table('Groups', {
        description:
          'Growth: change of the lag in messages per second, over ten minutes. Drained in: lag divided by the rate at which it shrinks, for groups with more than a minute of lag; empty while the lag does not shrink.',
        by: { cluster: 'Cluster', consumergroup: 'Group', topic: 'Topic' },
        sortBy: 'Lag, time',
        descending: true,
        columns: {
          'Lag, time': {
            noValue: 'unknown',
            // Rounded, because milliseconds of lag only fill the column.
            expr: `max by (cluster, consumergroup, topic) (round(${seconds}))`,
            unit: units.duration,
            limits: { worse: 'above', warn: 180, bad: 900 },
          },
          Lag: { noValue: 'unknown', expr: `sum by (cluster, consumergroup, topic) (${lag})` },
          'Grows by': {
            noValue: 'unknown',
            expr: `sum by (cluster, consumergroup, topic) (deriv(${lag}[${trend}])) and sum by (cluster, consumergroup, topic) (${lag})`,
          },
          'Drained in': {
            noValue: '–',
            expr: `sum by (cluster, consumergroup, topic) (${lag}) / (sum by (cluster, consumergroup, topic) (-deriv(${lag}[${trend}])) > 0) and (${seconds}) > ${noticeableSeconds}`,
            unit: units.duration,
          },
        },
      }),
      lines('Consumer lag, time', {
        description: 'Lag in time of the partition with the highest known lag.',
        expr: seconds,
        limits: { worse: 'above', warn: 180, bad: 900 },
      }),
      lines('Consumer lag', {
        description: 'Messages that a group has not committed and can still read.',
        expr: lag,
        legend,
      }),
    ]),
    row('Kafka groups', [
      lines('Consumed', {
        description: 'Messages per second by which committed offsets advance.',
        expr: `clamp_min(deriv(kafka_consumergroup_current_offset_sum${chosen}[$__rate_interval]), 0)`,
        legend,
      }),
      lines('Produced', {
        description: 'Messages per second produced to the topics that the groups read.',
        expr: `sum by (cluster, topic) (clamp_min(deriv(kafka_topic_partition_current_offset{cluster=~"$cluster", topic=~"$topic", ${notInternal}}[$__rate_interval]), 0))`,
      }),
      lines('Members', {
        description: 'A group without members consumes nothing.',
        expr: `kafka_consumergroup_members{cluster=~"$cluster", consumergroup=~"$consumergroup"}`,
      }),
      table('Lag as share of retention', {
        description: 'At 100%, messages are deleted before the group reads them.',
        by: { cluster: 'Cluster', consumergroup: 'Group', topic: 'Topic' },
        sortBy: 'Share of retention',
        descending: true,
        width: 12,
        height: 9,
        columns: {
          'Share of retention': {
            expr: `max by (cluster, consumergroup, topic) ((${seconds}) / on (cluster, topic) group_left () kafka_topic_retention_seconds{cluster=~"$cluster", topic=~"$topic"})`,
            decimals: 1,
            limits: { worse: 'above', warn: 0.5, bad: 0.8 },
          },
        },
      }),
      lines('Oldest open transaction', {
        description: 'Age of the oldest open transaction of each topic. read_committed consumers cannot read past it.',
        expr: `max by (cluster, topic) (kafka_topic_open_transaction_seconds{cluster=~"$cluster", topic=~"$topic"}) >= 1`,
        noValue: 'no open transaction known',
        limits: { worse: 'above', warn: 1200 },
        width: 24,
      }),
    ]),
    row('RocketMQ groups', [
      lines('Consumed', {
        description: 'Messages per second delivered to each group: mean of the last minute, as the broker reports it.',
        expr: `sum by (cluster, consumergroup, topic) (rocketmq_consumergroup_get_messages_per_second${chosen})`,
      }),
      lines('Retry backlog', {
        description: 'Messages sent back for a retry that the group has not consumed again.',
        expr: `sum by (cluster, consumergroup) (rocketmq_consumergroup_retry_lag_messages{cluster=~"$cluster", consumergroup=~"$consumergroup"})`,
      }),
      lines('Dead letters', {
        description:
          'Messages moved to the dead-letter queue after all retries failed, within the last 15 minutes of each moment.',
        // The first dead letter of a group creates its topic, so a new series counts in full.
        // `increase` would read a failover, after which the end offset may be lower, as a counter reset.
        expr: `sum by (cluster, consumergroup) (max without (instance) ((${deadLetters} unless ${deadLetters} offset 15m) and on (cluster, broker, instance) ${readBefore} or clamp_min(delta(${deadLetters}[15m]), 0)))`,
        noValue: 'no dead letters',
      }),
      lines('Clients', {
        description: 'Clients connected for each group.',
        expr: `rocketmq_consumergroup_clients{cluster=~"$cluster", consumergroup=~"$consumergroup"}`,
      }),
    ]),
  ],
});
