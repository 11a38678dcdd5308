// Defines the rows of the Kafka dashboard for request times and request saturation.

import { row, type PanelRow } from './dashboard.ts';
import { whileFresh } from './fresh-internals.ts';
import { lines, ratesOf } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './policy-limits.ts';

const chosen = '{cluster=~"$cluster"}';
const requests = 'request=~"Produce|FetchConsumer|FetchFollower"';

export const requestTimes: PanelRow = row('Request latency', [
  lines('Request latency, p99', {
    description: '99th percentile of the sample that the broker keeps, about the last five minutes.',
    unit: units.seconds,
    expr: `kafka_broker_request_p99_seconds{cluster=~"$cluster", ${requests}}`,
    legend: '{{cluster}} {{broker}} {{request}}',
  }),
  lines('Request latency, mean', {
    description: 'Total time divided by the number of requests.',
    unit: units.seconds,
    expr: `rate(kafka_broker_request_seconds_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) / (rate(kafka_broker_requests_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) > 0)`,
    legend: '{{cluster}} {{broker}} {{request}}',
  }),
  lines('Produce latency by phase', {
    description:
      'Time of a Produce request by phase. What a long phase indicates: request-queue: no free request handler. local: slow log. remote: slow replicas. response-queue, response-send: busy network threads or network card.',
    unit: units.seconds,
    expr: `max by (cluster, phase) (kafka_broker_request_phase_p99_seconds{cluster=~"$cluster", request="Produce"})`,
    legend: '{{cluster}} {{phase}}',
  }),
  lines('Request rate', {
    description: 'Requests answered per second, by API (all versions).',
    unit: units.requestsPerSecond,
    expr: `sum by (cluster, request) (rate(kafka_broker_requests_total${chosen}[$__rate_interval])) > 0`,
    legend: '{{cluster}} {{request}}',
  }),
  lines('Request errors', {
    description: 'Error codes in responses.',
    unit: units.perSecond,
    queries: {
      '{{cluster}} {{request}} {{error}}': `sum by (cluster, request, error) (rate(kafka_broker_request_errors_total{cluster=~"$cluster", error!="NONE"}[$__rate_interval])) > 0`,
      '{{cluster}} failed produce': `sum by (cluster) (rate(kafka_broker_failed_produce_requests_total${chosen}[$__rate_interval]))`,
      '{{cluster}} failed fetch': `sum by (cluster) (rate(kafka_broker_failed_fetch_requests_total${chosen}[$__rate_interval]))`,
    },
    width: 24,
    hasLongNames: true,
  }),
]);

export const requestSaturation: PanelRow = row('Saturation', [
  lines('Request handlers busy', {
    description: 'Share of time the request handlers are busy. Above the limit, requests start to queue.',
    unit: units.ratio,
    expr: whileFresh(
      '1 - rate(kafka_broker_request_handler_idle_seconds_total{cluster=~"$cluster", pool=~"all|broker"}[$__rate_interval])',
    ),
    legend: '{{cluster}} {{broker}} {{pool}}',
    limits: policyLimits.requestHandlers,
    max: 1,
  }),
  lines('Network processors busy', {
    description: 'Share of time the network threads of the busiest listener are busy, over 30 s.',
    unit: units.ratio,
    expr: `1 - kafka_broker_network_processor_idle_ratio${chosen}`,
    legend: '{{cluster}} {{broker}}',
    limits: policyLimits.networkThreads,
    max: 1,
  }),
  lines('Request queues', {
    description: 'Requests that wait for a request handler, and responses that wait for a network thread.',
    queries: {
      '{{cluster}} {{broker}} requests': `kafka_broker_request_queue_requests${chosen}`,
      '{{cluster}} {{broker}} answers': `kafka_broker_response_queue_responses${chosen}`,
    },
  }),
  lines('Purgatory', {
    description:
      'Requests in purgatory: they wait for replicas, or for enough bytes to fetch. Operations without waiting requests are hidden.',
    expr: `kafka_broker_purgatory_requests${chosen} > 0`,
    legend: '{{cluster}} {{broker}} {{operation}}',
    noValue: 'no waiting requests, or no JMX of the brokers',
  }),
  lines('ISR shrinks and expansions', {
    description: 'Rate at which replicas leave the in-sync set of a partition and return to it.',
    unit: units.perSecond,
    queries: ratesOf(chosen, '{{cluster}} {{broker}}', {
      left: 'kafka_broker_isr_shrinks_total',
      returned: 'kafka_broker_isr_expands_total',
    }),
  }),
  lines('Log flush latency', {
    description: '99th percentile of the flush time of the log.',
    unit: units.seconds,
    expr: `kafka_broker_log_flush_p99_seconds${chosen}`,
    legend: '{{cluster}} {{broker}}',
  }),
]);
