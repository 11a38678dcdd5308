// Defines the metrics of a running load test: messages, latencies and the generator's own load.

import type { MetricType } from 'prom-client';

interface RunMetric {
  type: `${MetricType.Counter | MetricType.Gauge | MetricType.Histogram}`;
  help: string;
  labels: readonly string[];
  unit?: string;
}

const worker = ['worker'] as const;
const group = ['group'] as const;

export const runMetrics = {
  plimsoll_run_info: {
    type: 'gauge',
    help: 'Load test that is running; the value is always 1.',
    labels: ['run', 'cluster', 'broker', 'workload'],
  },
  plimsoll_run_intended_messages_total: {
    type: 'counter',
    help: 'Messages that were due to be sent.',
    labels: worker,
  },
  plimsoll_run_sent_messages_total: { type: 'counter', help: 'Messages handed to the client.', labels: worker },
  plimsoll_run_acknowledged_messages_total: {
    type: 'counter',
    help: 'Messages acknowledged by a broker.',
    labels: worker,
  },
  plimsoll_run_failed_messages_total: {
    type: 'counter',
    help: 'Messages that a broker rejected or did not answer in time.',
    labels: worker,
  },
  plimsoll_run_dropped_messages_total: {
    type: 'counter',
    help: 'Messages dropped by the load generator because they could not be sent in time.',
    labels: worker,
  },
  plimsoll_run_acknowledged_bytes_total: {
    type: 'counter',
    help: 'Bytes of the values of acknowledged messages.',
    labels: worker,
  },
  plimsoll_run_consumed_messages_total: {
    type: 'counter',
    help: 'Messages delivered to a consumer group.',
    labels: group,
  },
  plimsoll_run_latency_seconds: {
    type: 'histogram',
    help: 'Time from when a message was due to its acknowledgement.',
    labels: [],
  },
  plimsoll_run_service_seconds: {
    type: 'histogram',
    help: 'Time from when a message was sent to its acknowledgement.',
    labels: [],
  },
  plimsoll_run_send_delay_seconds: {
    type: 'histogram',
    help: 'Time from the planned to the actual send of a message.',
    labels: [],
  },
  plimsoll_run_end_to_end_seconds: {
    type: 'histogram',
    help: 'Time from when a message was due to its consumption.',
    labels: group,
  },
  plimsoll_run_consumer_lag_messages: {
    type: 'gauge',
    help: 'Messages acknowledged and not yet delivered to the group.',
    labels: group,
  },
  plimsoll_run_target_messages_per_second: {
    type: 'gauge',
    help: 'Target rate of the step; absent in a closed loop and between steps.',
    labels: [],
    unit: 'messages per second',
  },
  plimsoll_run_step: {
    type: 'gauge',
    help: 'Current step or trial, counted from 1; absent in the warm-up and between steps.',
    labels: [],
  },
  plimsoll_run_guard_breaches_total: {
    type: 'counter',
    help: 'Times the guard stopped the load.',
    labels: ['input'],
  },
  plimsoll_run_guard_stops_total: {
    type: 'counter',
    help: 'Times the guard stopped the load, over all inputs; 0 before the first.',
    labels: [],
  },
  plimsoll_run_event_loop_utilisation_ratio: {
    type: 'gauge',
    help: 'Share of the last interval in which the event loop of a worker was busy.',
    labels: worker,
  },
  plimsoll_run_worker_cpu_seconds_total: { type: 'counter', help: 'CPU time of a worker thread.', labels: worker },
} as const satisfies Record<string, RunMetric>;

export type RunMetricName = keyof typeof runMetrics;

/** Upper bounds in seconds: 1, 2 and 5 of each decade from half a millisecond to the minute that sends are waited for. */
export const latencyBuckets = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
] as const;
