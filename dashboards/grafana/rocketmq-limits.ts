// Defines the rows of the RocketMQ dashboard for refused sends and for lag inside the broker.

import { row, type PanelRow } from './dashboard.ts';
import { lines } from './panel.ts';
import { units } from './unit.ts';

const chosen = '{cluster=~"$cluster"}';
const pools = '{cluster=~"$cluster", pool=~"send|pull"}';

export const aboutToRefuse: PanelRow = row('Saturation', [
  lines('Page cache lock', {
    description: 'How long the current write has held the commit log lock. Above 1 s, sends are rejected with PCBUSY.',
    unit: units.seconds,
    expr: `rocketmq_broker_page_cache_lock_seconds${chosen}`,
    legend: '{{cluster}} {{broker}}',
    limits: { worse: 'above', warn: 0.5, bad: 1 },
  }),
  lines('Request queue wait', {
    description:
      'Wait time at the head of the queue. Sends that wait longer than 0.2 s are rejected with TIMEOUT_CLEAN_QUEUE.',
    unit: units.seconds,
    expr: `rocketmq_broker_request_queue_head_wait_seconds${pools}`,
    legend: '{{cluster}} {{broker}} {{pool}}',
    limits: { worse: 'above', warn: 0.1, bad: 0.2 },
  }),
  lines('Request queues', {
    description: 'Share of the queue used. When it is full, requests are rejected.',
    unit: units.ratio,
    expr: `rocketmq_broker_request_queue_length${pools} / rocketmq_broker_request_queue_capacity${pools}`,
    legend: '{{cluster}} {{broker}} {{pool}}',
    limits: { worse: 'above', warn: 0.5, bad: 0.8 },
    max: 1,
  }),
  lines('Transient store free buffers', {
    description: 'At 0, sends are rejected. No value where no transient store is used.',
    expr: `rocketmq_broker_transient_store_free_buffers${chosen}`,
    legend: '{{cluster}} {{broker}}',
  }),
  lines('Store latency', {
    description: 'Time in which 99% and 99.9% of the messages of the last minute were stored (4.9.4 and newer).',
    unit: units.seconds,
    queries: {
      '{{cluster}} {{broker}} 99%': `rocketmq_broker_put_latency_p99_seconds${chosen}`,
      '{{cluster}} {{broker}} 99.9%': `rocketmq_broker_put_latency_p999_seconds${chosen}`,
    },
  }),
  lines('Slow stores (over 0.2 s)', {
    description:
      'Messages of the last minute that took at least 0.2 s to store. A broker with any is likely to reject sends.',
    expr: `sum by (cluster, broker) (rocketmq_broker_last_minute_puts{cluster=~"$cluster", upto_seconds=~"0.5|[1-9].*|.Inf"})`,
    legend: '{{cluster}} {{broker}}',
    limits: { worse: 'above', warn: 1 },
  }),
]);

export const behind: PanelRow = row('Disk, dispatch, replication', [
  lines('Dispatch lag', {
    description:
      'Bytes of the commit log that are not dispatched yet, so consumers cannot read them. One thread (reput) dispatches them.',
    unit: units.bytes,
    expr: `rocketmq_broker_dispatch_behind_bytes${chosen}`,
    legend: '{{cluster}} {{broker}}',
    limits: { worse: 'above', warn: 64 * 1024 * 1024 },
  }),
  lines('Unflushed bytes', {
    description: 'Bytes in the page cache that are not flushed yet.',
    unit: units.bytes,
    expr: `rocketmq_broker_unflushed_bytes${chosen}`,
    legend: '{{cluster}} {{broker}}',
  }),
  lines('Replication lag', {
    description:
      'Bytes of the commit log that a slave has not replicated yet. Above 256 MiB, the master treats the slave as unavailable.',
    unit: units.bytes,
    expr: `rocketmq_replica_behind_bytes${chosen}`,
    legend: '{{cluster}} {{broker}}',
    limits: { worse: 'above', warn: 64 * 1024 * 1024, bad: 256 * 1024 * 1024 },
  }),
  lines('Commit log disk used', {
    description: 'Share used of the file system of each path.',
    unit: units.ratio,
    expr: `rocketmq_broker_commit_log_path_disk_used_ratio${chosen}`,
    legend: '{{cluster}} {{broker}} {{path}}',
    limits: { worse: 'above', warn: 0.75, bad: 0.85 },
    max: 1,
    hasLongNames: true,
  }),
  lines('Message retention', {
    description: 'Age of the oldest stored message: the actual retention, not the configured one.',
    unit: units.duration,
    expr: `time() - rocketmq_broker_earliest_message_timestamp_seconds${chosen}`,
    legend: '{{cluster}} {{broker}}',
  }),
  lines('Timer message lag', {
    description: 'Delay of the timer wheel in delivering timer messages (5.x).',
    unit: units.seconds,
    expr: `rocketmq_timer_behind_seconds${chosen}`,
    legend: '{{cluster}} {{broker}}',
    limits: { worse: 'above', warn: 60 },
  }),
]);
