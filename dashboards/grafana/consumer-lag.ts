// Defines the dashboard of consumer lag: lag in messages and seconds, and the estimated time to catch up.

import { loadTests } from './annotation.ts';
import { dashboard } from './dashboard.ts';
import { figure, lines, table } from './panel.ts';
import { units } from './unit.ts';
import { ofAnyCluster, topics } from './variable.ts';

const chosen = '{cluster=~"$cluster", topic=~"$topic", consumergroup=~"$consumergroup"}';
const debt = `plimsoll_consumergroup_consumable_lag_messages${chosen}`;
const legend = '{{cluster}} {{consumergroup}} {{topic}}';

/** Long enough that batches of commits do not look like catching up. */
const trend = '10m';

export const consumerLag = dashboard({
  uid: 'plimsoll-lag',
  title: 'Plimsoll / Consumer lag',
  description: 'Which consumers are behind, by how much time, and when will they have caught up?',
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
    {
      title: 'Time, debt, drain',
      panels: [
        figure({
          title: 'Furthest behind',
          description: 'How long ago the oldest message was stored that a group can still read and has not committed.',
          unit: units.duration,
          queries: [
            { expr: `max by (cluster) (plimsoll_consumergroup_lag_max_seconds${chosen})`, legend: '{{cluster}}' },
          ],
          limits: { worse: 'above', warn: 180, bad: 900 },
          width: 6,
        }),
        figure({
          title: 'Debt',
          description: 'Messages that groups are behind and can still read.',
          unit: units.count,
          queries: [{ expr: `sum by (cluster) (${debt})`, legend: '{{cluster}}' }],
          width: 6,
        }),
        figure({
          title: 'Lost before they were read',
          description: 'Messages that retention deleted before a group read them.',
          unit: units.count,
          queries: [
            { expr: `sum by (cluster) (plimsoll_consumergroup_lost_messages${chosen})`, legend: '{{cluster}}' },
          ],
          limits: { worse: 'above', warn: 1, bad: 1 },
          width: 6,
        }),
        figure({
          title: 'Lags that are not known',
          description: 'Partitions whose lag in time nobody can tell.',
          unit: units.count,
          queries: [
            {
              expr: `sum by (cluster) (plimsoll_consumergroup_lag_method_partitions{cluster=~"$cluster", topic=~"$topic", consumergroup=~"$consumergroup", method="unknown"})`,
              legend: '{{cluster}}',
            },
          ],
          limits: { worse: 'above', warn: 1 },
          width: 6,
        }),
        table({
          title: 'Groups',
          description:
            'Debt grows or shrinks by the messages per second of the last ten minutes. Drained in: debt over the pace at which it shrinks; empty while it does not.',
          by: { cluster: 'Cluster', consumergroup: 'Group', topic: 'Topic' },
          sortBy: 'Behind',
          descending: true,
          columns: [
            {
              header: 'Behind',
              expr: `max by (cluster, consumergroup, topic) (plimsoll_consumergroup_lag_max_seconds${chosen})`,
              unit: units.duration,
              limits: { worse: 'above', warn: 180, bad: 900 },
            },
            {
              header: 'Debt',
              expr: `sum by (cluster, consumergroup, topic) (${debt})`,
              unit: units.count,
            },
            {
              header: 'Grows by',
              expr: `sum by (cluster, consumergroup, topic) (deriv(${debt}[${trend}]))`,
              unit: units.messagesPerSecond,
            },
            {
              header: 'Drained in',
              expr: `sum by (cluster, consumergroup, topic) (${debt}) / (sum by (cluster, consumergroup, topic) (-deriv(${debt}[${trend}])) > 0)`,
              unit: units.duration,
            },
          ],
        }),
        lines({
          title: 'Behind',
          description: 'In time; of all partitions the one furthest behind.',
          unit: units.seconds,
          queries: [{ expr: `plimsoll_consumergroup_lag_max_seconds${chosen}`, legend }],
          limits: { worse: 'above', warn: 180, bad: 900 },
          min: 0,
        }),
        lines({
          title: 'Debt',
          description: 'Messages a group is behind and can still read.',
          unit: units.count,
          queries: [{ expr: debt, legend }],
          min: 0,
        }),
      ],
    },
    {
      title: 'Kafka groups',
      panels: [
        lines({
          title: 'Read',
          description: 'Messages per second by which commits move on.',
          unit: units.messagesPerSecond,
          queries: [
            { expr: `clamp_min(deriv(kafka_consumergroup_current_offset_sum${chosen}[$__rate_interval]), 0)`, legend },
          ],
          min: 0,
        }),
        lines({
          title: 'Produced',
          description: 'Messages per second of the topics they read.',
          unit: units.messagesPerSecond,
          queries: [
            {
              expr: `sum by (cluster, topic) (rate(kafka_topic_partition_current_offset{cluster=~"$cluster", topic=~"$topic"}[$__rate_interval]))`,
              legend: '{{cluster}} {{topic}}',
            },
          ],
          min: 0,
        }),
        lines({
          title: 'Members',
          description: 'A group without members reads nothing.',
          unit: units.count,
          queries: [
            {
              expr: `kafka_consumergroup_members{cluster=~"$cluster", consumergroup=~"$consumergroup"}`,
              legend: '{{cluster}} {{consumergroup}}',
            },
          ],
          min: 0,
        }),
        table({
          title: 'Share of the retention used up',
          description: 'At 100% unread messages are deleted.',
          by: { cluster: 'Cluster', consumergroup: 'Group', topic: 'Topic' },
          sortBy: 'Used up',
          descending: true,
          width: 12,
          height: 8,
          columns: [
            {
              header: 'Used up',
              expr: `plimsoll_consumergroup_lag_max_seconds${chosen} / on (cluster, topic) group_left () kafka_topic_retention_seconds{cluster=~"$cluster", topic=~"$topic"}`,
              unit: units.ratio,
              limits: { worse: 'above', warn: 0.5, bad: 0.8 },
            },
          ],
        }),
      ],
    },
    {
      title: 'RocketMQ groups',
      panels: [
        lines({
          title: 'Read',
          description: 'Messages each group got, mean of the last minute as the broker keeps it.',
          unit: units.messagesPerSecond,
          queries: [
            {
              expr: `sum by (cluster, consumergroup, topic) (rocketmq_consumergroup_get_messages_per_second${chosen})`,
              legend,
            },
          ],
          min: 0,
        }),
        lines({
          title: 'Retries that wait',
          description: 'Messages sent back for a retry that the group has not consumed again.',
          unit: units.count,
          queries: [
            {
              expr: `sum by (cluster, consumergroup) (rocketmq_consumergroup_retry_lag_messages{cluster=~"$cluster", consumergroup=~"$consumergroup"})`,
              legend: '{{cluster}} {{consumergroup}}',
            },
          ],
          min: 0,
        }),
        lines({
          title: 'Dead letters',
          description: 'Messages given up per second, after every retry failed.',
          unit: units.perSecond,
          queries: [
            {
              expr: `sum by (cluster, consumergroup) (rate(rocketmq_consumergroup_dead_letters_total{cluster=~"$cluster", consumergroup=~"$consumergroup"}[$__rate_interval]))`,
              legend: '{{cluster}} {{consumergroup}}',
            },
          ],
          min: 0,
        }),
        lines({
          title: 'Clients',
          description: 'Clients connected for each group.',
          unit: units.count,
          queries: [
            {
              expr: `rocketmq_consumergroup_clients{cluster=~"$cluster", consumergroup=~"$consumergroup"}`,
              legend: '{{cluster}} {{consumergroup}}',
            },
          ],
          min: 0,
        }),
      ],
    },
  ],
});
