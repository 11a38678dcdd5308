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
    help: 'Which load test is under way; the value is always 1.',
    labels: ['run', 'cluster', 'broker', 'workload'],
  },
  plimsoll_run_intended_messages_total: {
    type: 'counter',
    help: 'Messages that were due.',
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
    help: 'Messages that a broker refused or did not answer in time.',
    labels: worker,
  },
  plimsoll_run_dropped_messages_total: {
    type: 'counter',
    help: 'Messages the generator gave up because they could not be sent in time.',
    labels: worker,
  },
  plimsoll_run_acknowledged_bytes_total: {
    type: 'counter',
    help: 'Bytes of the values of acknowledged messages.',
    labels: worker,
  },
  plimsoll_run_consumed_messages_total: { type: 'counter', help: 'Messages given to a consumer group.', labels: group },
  plimsoll_run_latency_seconds: {
    type: 'histogram',
    help: 'From the moment a message was intended to be sent to its acknowledgement.',
    labels: [],
  },
  plimsoll_run_service_seconds: {
    type: 'histogram',
    help: 'From the moment a message was sent to its acknowledgement.',
    labels: [],
  },
  plimsoll_run_send_delay_seconds: {
    type: 'histogram',
    help: 'From the moment a message was intended to be sent to the moment it was.',
    labels: [],
  },
  plimsoll_run_end_to_end_seconds: {
    type: 'histogram',
    help: 'From the moment a message was intended to be sent to its consumption.',
    labels: group,
  },
  plimsoll_run_consumer_lag_messages: {
    type: 'gauge',
    help: 'Messages acknowledged and not yet given to the group.',
    labels: group,
  },
  plimsoll_run_target_messages_per_second: {
    type: 'gauge',
    help: 'Rate the step asks for; absent in a closed loop and between steps.',
    labels: [],
    unit: 'messages per second',
  },
  plimsoll_run_step: {
    type: 'gauge',
    help: 'Step or trial under way, counted from 1; absent in the warm-up and between steps.',
    labels: [],
  },
  plimsoll_run_guard_breaches_total: {
    type: 'counter',
    help: 'Times the guard took the load away.',
    labels: ['input'],
  },
  plimsoll_run_event_loop_utilisation_ratio: {
    type: 'gauge',
    help: 'Share of its last interval that the event loop of a worker was busy.',
    labels: worker,
  },
  plimsoll_run_worker_cpu_seconds_total: { type: 'counter', help: 'CPU time of a worker thread.', labels: worker },
} as const satisfies Record<string, RunMetric>;

export type RunMetricName = keyof typeof runMetrics;

/** Upper bounds in seconds: 1, 2 and 5 of each decade from half a millisecond to the minute that sends are waited for. */
export const latencyBuckets = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
] as const;
