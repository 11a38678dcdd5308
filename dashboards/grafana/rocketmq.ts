// Defines the dashboard of a RocketMQ cluster: health, accepted traffic and saturation.

import { dashboard, foldedRow, loadTests, notInternal, ofRocketmq, type PanelRow, row, topics } from './dashboard.ts';
import { brokersOrNone, expectedRocketmqBrokers } from './queries.ts';
import { figure, lines, ribbon, table } from './panel.ts';

const chosen = '{cluster=~"$cluster"}';
const pools = '{cluster=~"$cluster", pool=~"send|pull"}';

/** Defines the rows of the RocketMQ dashboard for refused sends and for lag inside the broker. */
const aboutToRefuse: PanelRow = row('Saturation', [
  lines('Page cache lock', {
    description: 'How long the current write has held the commit log lock. Above 1 s, sends are rejected with PCBUSY.',
    expr: `rocketmq_broker_page_cache_lock_seconds${chosen}`,
    limits: { worse: 'above', warn: 0.5, bad: 1 },
  }),
  lines('Request queue wait', {
    description:
      'Wait time at the head of the queue. Sends that wait longer than 0.2 s are rejected with TIMEOUT_CLEAN_QUEUE.',
    expr: `rocketmq_broker_request_queue_head_wait_seconds${pools}`,
    limits: { worse: 'above', warn: 0.1, bad: 0.2 },
  }),
  lines('Request queues', {
    description: 'Share of the queue used. When it is full, requests are rejected.',
    expr: `rocketmq_broker_request_queue_length${pools} / rocketmq_broker_request_queue_capacity${pools}`,
    limits: { worse: 'above', warn: 0.5, bad: 0.8 },
    max: 1,
  }),
  lines('Transient store free buffers', {
    description: 'At 0, sends are rejected. No value where no transient store is used.',
    expr: `rocketmq_broker_transient_store_free_buffers${chosen}`,
  }),
  lines('Store latency', {
    description: 'Time in which 99% and 99.9% of the messages of the last minute were stored (4.9.4 and newer).',
    queries: {
      '{{cluster}} {{broker}} 99%': `rocketmq_broker_put_latency_p99_seconds${chosen}`,
      '{{cluster}} {{broker}} 99.9%': `rocketmq_broker_put_latency_p999_seconds${chosen}`,
    },
  }),
  lines('Slow stores (over 0.2 s)', {
    description:
      'Messages of the last minute that took at least 0.2 s to store. A broker with any is likely to reject sends.',
    expr: `sum by (cluster, broker) (rocketmq_broker_last_minute_puts{cluster=~"$cluster", upto_seconds=~"0.5|[1-9].*|.Inf"})`,
    limits: { worse: 'above', warn: 1 },
  }),
]);

const behind: PanelRow = row('Disk, dispatch, replication', [
  lines('Dispatch lag', {
    description:
      'Bytes of the commit log that are not dispatched yet, so consumers cannot read them. One thread (reput) dispatches them.',
    expr: `rocketmq_broker_dispatch_behind_bytes${chosen}`,
    limits: { worse: 'above', warn: 64 * 1024 * 1024 },
  }),
  lines('Unflushed bytes', {
    description: 'Bytes in the page cache that are not flushed yet.',
    expr: `rocketmq_broker_unflushed_bytes${chosen}`,
  }),
  lines('Replication lag', {
    description:
      'Bytes of the commit log that a slave has not replicated yet. Above 256 MiB, the master treats the slave as unavailable.',
    expr: `rocketmq_replica_behind_bytes${chosen}`,
    limits: { worse: 'above', warn: 64 * 1024 * 1024, bad: 256 * 1024 * 1024 },
  }),
  lines('Commit log disk used', {
    description: 'Share used of the file system of each path.',
    expr: `rocketmq_broker_commit_log_path_disk_used_ratio${chosen}`,
    limits: { worse: 'above', warn: 0.75, bad: 0.85 },
    max: 1,
  }),
  lines('Message retention', {
    description: 'Age of the oldest stored message: the actual retention, not the configured one.',
    expr: `time() - rocketmq_broker_earliest_message_timestamp_seconds${chosen}`,
  }),
  lines('Timer message lag', {
    description: 'Delay of the timer wheel in delivering timer messages (5.x).',
    expr: `rocketmq_timer_behind_seconds${chosen}`,
    limits: { worse: 'above', warn: 60 },
  }),
]);

const chosenTopics = `{cluster=~"$cluster", topic=~"$topic", ${notInternal}}`;

/**
 * 1 or 0 for each listed broker, with its role. Two instances may report different roles,
 * addresses and versions for a while; one of them is shown.
 */
const withRole = `(rocketmq_broker_up${chosen} * on (cluster, broker) group_left (role) topk by (cluster, broker) (1, rocketmq_broker_role${chosen} == 1))`;
const answering = `(${withRole} * on (cluster, broker) group_left (broker_name, version, address) topk by (cluster, broker) (1, rocketmq_broker_info${chosen})) or on (cluster, broker) ${withRole}`;
/** After a leader change, the series continues with the counters of another process; a higher value would be a spike. */
const rateByBroker = (metric: string) =>
  `rate(${metric}${chosen}[$__rate_interval]) unless changes(rocketmq_broker_boot_timestamp_seconds${chosen}[$__rate_interval]) > 0`;
/** 0 for each broker that responded within six hours, while the cluster is readable. */
const lost = `(0 * max by (cluster, broker) (last_over_time(rocketmq_broker_up${chosen}[6h])) and on (cluster) max by (cluster) (plimsoll_cluster_up${chosen}))`;

export const rocketmq = dashboard({
  uid: 'plimsoll-rocketmq',
  title: 'Plimsoll / RocketMQ',
  description:
    'Is the RocketMQ cluster complete, does it accept what is sent, and which resource is close to its limit?',
  variables: [ofRocketmq, topics('rocketmq_topic_write_queues{cluster=~"$cluster"}')],
  annotations: [loadTests],
  rows: [
    row('Health', [
      figure('Brokers', {
        description: 'Brokers registered with the name servers, masters and slaves; 0 while the cluster is down.',
        expr: brokersOrNone('rocketmq_brokers'),
      }),
      figure('Brokers up', {
        description:
          'Brokers that answer, as a share of the highest number registered in the last six hours, without groups that a scale-in removed. A dead broker soon disappears from the name servers.',
        expr: `clamp_max((${brokersOrNone('rocketmq_brokers', `sum by (cluster) (max without (instance) (rocketmq_broker_up${chosen}))`)}) / max by (cluster) (${expectedRocketmqBrokers}), 1)`,
        limits: { worse: 'below', warn: 1, bad: 0.999 },
      }),
      figure('Name servers up', {
        description: 'Share of the configured name servers that answer.',
        expr: `avg by (cluster) (rocketmq_name_server_up${chosen})`,
        limits: { worse: 'below', warn: 1, bad: 0.5 },
      }),
      figure('Configuration drift', {
        description: 'Settings, topics or brokers that brokers or name servers report differently.',
        expr: `sum by (cluster) (rocketmq_disagreements${chosen})`,
        limits: { worse: 'above', warn: 1 },
      }),
      figure('Replication lag, highest', {
        description: 'Bytes of the commit log that the slave with the highest lag has not replicated yet.',
        expr: `max by (cluster) (rocketmq_replica_behind_bytes${chosen})`,
        limits: { worse: 'above', warn: 64 * 1024 * 1024, bad: 256 * 1024 * 1024 },
      }),
      figure('Disk used, highest', {
        description:
          'Share used of the file system of the commit log or of the consume queues. From 85%, messages are deleted before their retention ends. From 90%, sends are rejected.',
        expr: `max by (cluster) (rocketmq_broker_consume_queue_disk_used_ratio${chosen} > rocketmq_broker_commit_log_disk_used_ratio${chosen} or rocketmq_broker_commit_log_disk_used_ratio${chosen})`,
        limits: { worse: 'above', warn: 0.75, bad: 0.85 },
      }),
      lines('Messages in by topic', {
        description: 'Mean of the last minute, as the broker reports it.',
        expr: `sum by (cluster, topic) (rocketmq_topic_put_messages_per_second${chosenTopics})`,
      }),
      lines('Messages in by broker', {
        description:
          'Messages per second stored by each broker, including retries and internal topics. A restart or a new leader is a gap.',
        expr: rateByBroker('rocketmq_broker_put_messages_total'),
      }),
      table('Brokers', {
        description:
          'Role, version and address of each broker. A broker that answered in the last six hours but is no longer registered is shown with its name only.',
        by: {
          cluster: 'Cluster',
          broker: 'Broker',
          broker_name: 'Group',
          role: 'Role',
          version: 'Version',
          address: 'Address',
        },
        sortBy: 'Broker',
        columns: {
          Answers: {
            expr: `max by (cluster, broker, broker_name, role, version, address) (${answering} or on (cluster, broker) ${lost})`,
            texts: { 0: { text: 'no', color: 'red' }, 1: { text: 'yes', color: 'green' } },
          },
        },
      }),
    ]),
    row('Traffic', [
      lines('Bytes in by topic', {
        description: 'Mean of the last minute, as the broker reports it.',
        expr: `sum by (cluster, topic) (rocketmq_topic_put_bytes_per_second${chosenTopics})`,
      }),
      lines('Bytes in by broker', {
        description: 'Bytes per second stored by each broker. A restart or a new leader is a gap.',
        expr: rateByBroker('rocketmq_broker_put_bytes_total'),
      }),
      lines('Messages out by group', {
        description: 'Messages per second delivered to each group: mean of the last minute, as the broker reports it.',
        expr: `sum by (cluster, consumergroup) (rocketmq_consumergroup_get_messages_per_second${chosenTopics})`,
      }),
      lines('Messages out by broker', {
        description: 'Messages per second delivered to consumers by each broker. A restart or a new leader is a gap.',
        expr: rateByBroker('rocketmq_broker_get_messages_total'),
      }),
    ]),
    aboutToRefuse,
    behind,
    foldedRow('DLedger and controllers', [
      ribbon('DLedger leaders', {
        description: 'Leader of each group. A group without a leader accepts no messages.',
        expr: `rocketmq_dledger_leader${chosen}`,
        legend: '{{cluster}} {{broker}} {{member}}',
        texts: { 0: { text: 'follows', color: 'gray' }, 1: { text: 'leads', color: 'green' } },
        width: 12,
        height: 9,
      }),
      lines('Replicas out of sync', {
        description: 'Replicas that could not become master without losing messages (controller mode).',
        expr: `rocketmq_sync_state_set_missing${chosen}`,
        limits: { worse: 'above', warn: 1 },
      }),
    ]),
  ],
});
