// Defines the rows of the RocketMQ dashboard for refused sends and for lag inside the broker.

import type { PanelRow } from './dashboard.ts';
import { lines } from './panel.ts';
import { units } from './unit.ts';

const chosen = '{cluster=~"$cluster"}';
const pools = '{cluster=~"$cluster", pool=~"send|pull"}';

export const aboutToRefuse: PanelRow = {
  title: 'Saturation',
  panels: [
    lines({
      title: 'Page cache lock',
      description: 'How long the put at work holds the commit log; beyond 1 s sends are refused as PCBUSY.',
      unit: units.seconds,
      queries: [{ expr: `rocketmq_broker_page_cache_lock_seconds${chosen}`, legend: '{{cluster}} {{broker}}' }],
      limits: { worse: 'above', warn: 0.5, bad: 1 },
      min: 0,
    }),
    lines({
      title: 'Request queue wait',
      description: 'Sends beyond 0.2 s are refused as TIMEOUT_CLEAN_QUEUE.',
      unit: units.seconds,
      queries: [
        {
          expr: `rocketmq_broker_request_queue_head_wait_seconds${pools}`,
          legend: '{{cluster}} {{broker}} {{pool}}',
        },
      ],
      limits: { worse: 'above', warn: 0.1, bad: 0.2 },
      min: 0,
    }),
    lines({
      title: 'Request queues',
      description: 'Share of the queue that is full; beyond it requests are refused.',
      unit: units.ratio,
      queries: [
        {
          expr: `rocketmq_broker_request_queue_length${pools} / rocketmq_broker_request_queue_capacity${pools}`,
          legend: '{{cluster}} {{broker}} {{pool}}',
        },
      ],
      limits: { worse: 'above', warn: 0.5, bad: 0.8 },
      min: 0,
      max: 1,
    }),
    lines({
      title: 'Transient store free buffers',
      description: 'At 0 sends are refused. No value where none is used.',
      unit: units.count,
      queries: [{ expr: `rocketmq_broker_transient_store_free_buffers${chosen}`, legend: '{{cluster}} {{broker}}' }],
      min: 0,
    }),
    lines({
      title: 'Store latency',
      description: '99% and 99.9% of the messages of the last minute were stored within it (4.9.4 and newer).',
      unit: units.seconds,
      queries: [
        { expr: `rocketmq_broker_put_latency_p99_seconds${chosen}`, legend: '{{cluster}} {{broker}} 99%' },
        { expr: `rocketmq_broker_put_latency_p999_seconds${chosen}`, legend: '{{cluster}} {{broker}} 99.9%' },
      ],
      min: 0,
    }),
    lines({
      title: 'Slow stores (over 0.2 s)',
      description:
        'Messages of the last minute that took at least 0.2 s to store: brokers with any are likely to throttle.',
      unit: units.count,
      queries: [
        {
          expr: `sum by (cluster, broker) (rocketmq_broker_last_minute_puts{cluster=~"$cluster", upto_seconds=~"0.5|[1-9].*|.Inf"})`,
          legend: '{{cluster}} {{broker}}',
        },
      ],
      limits: { worse: 'above', warn: 1 },
      min: 0,
    }),
  ],
};

export const behind: PanelRow = {
  title: 'Disk, dispatch, replication',
  panels: [
    lines({
      title: 'Dispatch lag',
      description: 'Bytes of the commit log that consumers do not see yet; one thread (reput) does this.',
      unit: units.bytes,
      queries: [{ expr: `rocketmq_broker_dispatch_behind_bytes${chosen}`, legend: '{{cluster}} {{broker}}' }],
      limits: { worse: 'above', warn: 64 * 1024 * 1024 },
      min: 0,
    }),
    lines({
      title: 'Unflushed bytes',
      description: 'Bytes in the page cache that a flush has not written.',
      unit: units.bytes,
      queries: [{ expr: `rocketmq_broker_unflushed_bytes${chosen}`, legend: '{{cluster}} {{broker}}' }],
      min: 0,
    }),
    lines({
      title: 'Replication lag',
      description: 'Bytes of the commit log a slave does not have. Beyond 256 MiB the master does not count on it.',
      unit: units.bytes,
      queries: [{ expr: `rocketmq_replica_behind_bytes${chosen}`, legend: '{{cluster}} {{broker}}' }],
      limits: { worse: 'above', warn: 64 * 1024 * 1024, bad: 256 * 1024 * 1024 },
      min: 0,
    }),
    lines({
      title: 'Commit log disk used',
      description: 'Share used of the file system of each path.',
      unit: units.ratio,
      queries: [
        {
          expr: `rocketmq_broker_commit_log_path_disk_used_ratio${chosen}`,
          legend: '{{cluster}} {{broker}} {{path}}',
        },
      ],
      limits: { worse: 'above', warn: 0.75, bad: 0.85 },
      min: 0,
      max: 1,
      hasLongNames: true,
    }),
    lines({
      title: 'Message retention',
      description: 'Age of the oldest message still stored: retention as it is, not as it is set.',
      unit: units.duration,
      queries: [
        {
          expr: `time() - rocketmq_broker_earliest_message_timestamp_seconds${chosen}`,
          legend: '{{cluster}} {{broker}}',
        },
      ],
      min: 0,
    }),
    lines({
      title: 'Timer message lag',
      description: 'How late the wheel timer delivers (5.x).',
      unit: units.seconds,
      queries: [{ expr: `rocketmq_timer_behind_seconds${chosen}`, legend: '{{cluster}} {{broker}}' }],
      limits: { worse: 'above', warn: 60 },
      min: 0,
    }),
  ],
};
