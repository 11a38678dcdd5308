// Defines the dashboard of a running load test: send rate, latency and guard.

import { dashboard, ofRun, row, steps } from './dashboard.ts';
import { figure, lines } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './limits.ts';

const quantiles = { '50%': 0.5, '99%': 0.99, '99.9%': 0.999 };

/** Series have no run label: the scrape target distinguishes runs. */
const run = '{instance=~"$instance"}';

/**
 * Labelled by the cluster of the run, since readers do not know the address of its page, and tests of several clusters must not add up.
 * An address that two jobs scrape has two `plimsoll_run_info`, which a join would refuse.
 */
const ofCluster = (aggregate: 'sum' | 'max', value: string, ...labels: string[]) =>
  `${aggregate} by (${['cluster', ...labels].join(', ')}) (${value} * on (instance) group_left (cluster) max by (instance, cluster) (plimsoll_run_info${run}))`;

const rateOf = (metric: string) => `rate(${metric}${run}[$__rate_interval])`;

const percentiles = (metric: string) =>
  Object.fromEntries(
    Object.entries(quantiles).map(([legend, quantile]) => [
      `{{cluster}} ${legend}`,
      `histogram_quantile(${quantile}, ${ofCluster('sum', rateOf(`${metric}_bucket`), 'le')})`,
    ]),
  );

export const loadTest = dashboard({
  uid: 'plimsoll-loadtest',
  title: 'Plimsoll / Load test',
  description:
    'Does the load test reach its target rate, how long does the cluster take, and is it within the limits of the guard?',
  variables: [ofRun],
  annotations: [steps],
  from: 'now-1h',
  rows: [
    row('Steps', [
      figure('Load tests scraped', {
        description:
          'Running load tests that Prometheus scrapes. Without any, this dashboard is empty: add the address that `plimsoll run` prints at its start to the scrape config.',
        unit: units.count,
        expr: `count(count by (instance) (plimsoll_run_event_loop_utilisation_ratio${run}))`,
        legend: 'pages',
        noValue: 'none: add the address that plimsoll run prints to the scrape config of Prometheus',
        textPixels: 24,
        width: 24,
        height: 3,
      }),
      figure('Step', {
        description: 'Current step or trial, counted from 1. No value: warm-up, or between steps.',
        expr: ofCluster('max', `plimsoll_run_step${run}`),
        noValue: 'between steps',
      }),
      figure('Target rate', {
        description: 'Target rate of the step.',
        expr: ofCluster('sum', `plimsoll_run_target_messages_per_second${run}`),
        noValue: 'no target rate now',
      }),
      figure('Acknowledged', {
        description: 'Messages per second that brokers acknowledged.',
        expr: ofCluster('sum', rateOf('plimsoll_run_acknowledged_messages_total')),
      }),
      figure('Guard', {
        description:
          'Times the guard stopped the load within the time range. A run that it ended may be over before the next scrape: its report has the reason.',
        expr: `sum(increase(plimsoll_run_guard_stops_total${run}[$__range]))`,
        legend: 'stops',
        limits: { worse: 'above', warn: 1, bad: 1 },
      }),
      figure('Failed or dropped', {
        description: 'Share of due messages that a broker rejected, or that could not be sent in time.',
        expr: `(${ofCluster('sum', rateOf('plimsoll_run_failed_messages_total'))} + ${ofCluster('sum', rateOf('plimsoll_run_dropped_messages_total'))}) / (${ofCluster('sum', rateOf('plimsoll_run_intended_messages_total'))} > 0)`,
        limits: { worse: 'above', warn: 0.0001, bad: 0.001 },
      }),
      figure('Busiest worker', {
        description:
          'Share of time in which the event loop of the busiest worker was busy. Above the limit, the load generator is the bottleneck, not the cluster.',
        expr: ofCluster('max', `plimsoll_run_event_loop_utilisation_ratio${run}`),
        limits: policyLimits.eventLoop,
      }),
      lines('Target, sent, acknowledged', {
        description:
          'Sent below due: the load generator is the bottleneck. Acknowledged below sent: the cluster is the bottleneck.',
        queries: {
          '{{cluster}} target': ofCluster('sum', `plimsoll_run_target_messages_per_second${run}`),
          '{{cluster}} due': ofCluster('sum', rateOf('plimsoll_run_intended_messages_total')),
          '{{cluster}} sent': ofCluster('sum', rateOf('plimsoll_run_sent_messages_total')),
          '{{cluster}} acknowledged': ofCluster('sum', rateOf('plimsoll_run_acknowledged_messages_total')),
        },
      }),
      lines('Latency', {
        description: 'Time from when a message was due to its acknowledgement, waiting included.',
        queries: percentiles('plimsoll_run_latency_seconds'),
      }),
    ]),
    row('Latency by phase', [
      lines('Publish latency', {
        description: 'Time that the cluster took.',
        queries: percentiles('plimsoll_run_service_seconds'),
      }),
      lines('Send delay', {
        description:
          'Time between when a message was due and when it was sent: how well the load generator kept its schedule.',
        queries: percentiles('plimsoll_run_send_delay_seconds'),
      }),
      lines('End-to-end latency', {
        description: '99th percentile of the end-to-end latency, by consumer group.',
        expr: `histogram_quantile(0.99, ${ofCluster('sum', rateOf('plimsoll_run_end_to_end_seconds_bucket'), 'group', 'le')})`,
      }),
      lines('Backlog', {
        description: 'Messages acknowledged and not delivered to the group yet.',
        expr: ofCluster('max', `plimsoll_run_consumer_lag_messages${run}`, 'group'),
      }),
    ]),
    row('Load generator', [
      lines('Event loop utilization', {
        description: 'Share of the last interval in which the event loop was busy, by worker.',
        expr: `plimsoll_run_event_loop_utilisation_ratio${run}`,
        limits: policyLimits.eventLoop,
        max: 1,
      }),
      lines('CPU cores used', {
        description: 'CPU cores used by each worker thread.',
        expr: rateOf('plimsoll_run_worker_cpu_seconds_total'),
      }),
      lines('Consumed', {
        description: 'Messages per second delivered to each group.',
        expr: ofCluster('sum', rateOf('plimsoll_run_consumed_messages_total'), 'group'),
      }),
      lines('Bytes', {
        description: 'Bytes of the values of acknowledged messages.',
        expr: ofCluster('sum', rateOf('plimsoll_run_acknowledged_bytes_total')),
      }),
    ]),
  ],
});
