// Defines the metrics of a running load test: messages, latencies and the generator's own load.

interface RunMetric {
  type: 'counter' | 'gauge' | 'histogram';
  help: string;
  labels: readonly string[];
  unit?: string;
}

const of =
  (type: RunMetric['type']) =>
  (help: string, ...labels: string[]): RunMetric => ({ type, help, labels });
const [counter, gauge, histogram] = [of('counter'), of('gauge'), of('histogram')];

export const runMetrics = {
  plimsoll_run_info: gauge('Load test that is running; the value is always 1.', 'run', 'cluster', 'broker', 'workload'),
  plimsoll_run_intended_messages_total: counter('Messages that were due to be sent.', 'worker'),
  plimsoll_run_sent_messages_total: counter('Messages handed to the client.', 'worker'),
  plimsoll_run_acknowledged_messages_total: counter('Messages acknowledged by a broker.', 'worker'),
  plimsoll_run_failed_messages_total: counter('Messages that a broker rejected or did not answer in time.', 'worker'),
  plimsoll_run_dropped_messages_total: counter(
    'Messages dropped by the load generator because they could not be sent in time.',
    'worker',
  ),
  plimsoll_run_acknowledged_bytes_total: counter('Bytes of the values of acknowledged messages.', 'worker'),
  plimsoll_run_consumed_messages_total: counter('Messages delivered to a consumer group.', 'group'),
  plimsoll_run_latency_seconds: histogram('Time from when a message was due to its acknowledgement.'),
  plimsoll_run_service_seconds: histogram('Time from when a message was sent to its acknowledgement.'),
  plimsoll_run_send_delay_seconds: histogram('Time from the planned to the actual send of a message.'),
  plimsoll_run_end_to_end_seconds: histogram('Time from when a message was due to its consumption.', 'group'),
  plimsoll_run_consumer_lag_messages: gauge('Messages acknowledged and not yet delivered to the group.', 'group'),
  plimsoll_run_target_messages_per_second: {
    ...gauge('Target rate of the step; absent in a closed loop and between steps.'),
    unit: 'messages per second',
  },
  plimsoll_run_step: gauge('Current step or trial, counted from 1; absent in the warm-up and between steps.'),
  plimsoll_run_guard_breaches_total: counter('Times the guard stopped the load.', 'input'),
  plimsoll_run_guard_stops_total: counter('Times the guard stopped the load, over all inputs; 0 before the first.'),
  plimsoll_run_event_loop_utilisation_ratio: gauge(
    'Share of the last interval in which the event loop of a worker was busy.',
    'worker',
  ),
  plimsoll_run_worker_cpu_seconds_total: counter('CPU time of a worker thread.', 'worker'),
} satisfies Record<string, RunMetric>;

export type RunMetricName = keyof typeof runMetrics;

/**
 * Upper bounds in seconds: 1, 2 and 5 of each decade, from half a millisecond to one minute, the longest wait for a
 * send.
 */
export const latencyBuckets = [
  0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60,
] as const;
