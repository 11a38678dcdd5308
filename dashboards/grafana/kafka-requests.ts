// Defines the rows of the Kafka dashboard for request times and request saturation.

import type { PanelRow } from './dashboard.ts';
import { whileFresh } from './fresh-internals.ts';
import { lines, ratesOf } from './panel.ts';
import { units } from './unit.ts';
import { policyLimits } from './policy-limits.ts';

const chosen = '{cluster=~"$cluster"}';
const requests = 'request=~"Produce|FetchConsumer|FetchFollower"';

export const requestTimes: PanelRow = {
  title: 'Request latency',
  panels: [
    lines({
      title: 'Request latency, p99',
      description: '99th percentile of the sample that the broker keeps, about the last five minutes.',
      unit: units.seconds,
      expr: `kafka_broker_request_p99_seconds{cluster=~"$cluster", ${requests}}`,
      legend: '{{cluster}} {{broker}} {{request}}',
    }),
    lines({
      title: 'Request latency, mean',
      description: 'Total time divided by the number of requests.',
      unit: units.seconds,
      expr: `rate(kafka_broker_request_seconds_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) / (rate(kafka_broker_requests_total{cluster=~"$cluster", ${requests}}[$__rate_interval]) > 0)`,
      legend: '{{cluster}} {{broker}} {{request}}',
    }),
    lines({
      title: 'Produce latency by phase',
      description:
        'Time of a Produce request by phase. What a long phase indicates: request-queue: no free request handler. local: slow log. remote: slow replicas. response-queue, response-send: busy network threads or network card.',
      unit: units.seconds,
      expr: `max by (cluster, phase) (kafka_broker_request_phase_p99_seconds{cluster=~"$cluster", request="Produce"})`,
      legend: '{{cluster}} {{phase}}',
    }),
    lines({
      title: 'Request rate',
      description: 'Requests answered per second, by API (all versions).',
      unit: units.requestsPerSecond,
      expr: `sum by (cluster, request) (rate(kafka_broker_requests_total${chosen}[$__rate_interval])) > 0`,
      legend: '{{cluster}} {{request}}',
    }),
    lines({
      title: 'Request errors',
      description: 'Error codes in responses.',
      unit: units.perSecond,
      queries: [
        {
          expr: `sum by (cluster, request, error) (rate(kafka_broker_request_errors_total{cluster=~"$cluster", error!="NONE"}[$__rate_interval])) > 0`,
          legend: '{{cluster}} {{request}} {{error}}',
        },
        {
          expr: `sum by (cluster) (rate(kafka_broker_failed_produce_requests_total${chosen}[$__rate_interval]))`,
          legend: '{{cluster}} failed produce',
        },
        {
          expr: `sum by (cluster) (rate(kafka_broker_failed_fetch_requests_total${chosen}[$__rate_interval]))`,
          legend: '{{cluster}} failed fetch',
        },
      ],
      width: 24,
      hasLongNames: true,
    }),
  ],
};

export const requestSaturation: PanelRow = {
  title: 'Saturation',
  panels: [
    lines({
      title: 'Request handlers busy',
      description: 'Share of time the request handlers are busy. Above the limit, requests start to queue.',
      unit: units.ratio,
      expr: whileFresh(
        '1 - rate(kafka_broker_request_handler_idle_seconds_total{cluster=~"$cluster", pool=~"all|broker"}[$__rate_interval])',
      ),
      legend: '{{cluster}} {{broker}} {{pool}}',
      limits: policyLimits.requestHandlers,
      max: 1,
    }),
    lines({
      title: 'Network processors busy',
      description: 'Share of time the network threads of the busiest listener are busy, over 30 s.',
      unit: units.ratio,
      expr: `1 - kafka_broker_network_processor_idle_ratio${chosen}`,
      legend: '{{cluster}} {{broker}}',
      limits: policyLimits.networkThreads,
      max: 1,
    }),
    lines({
      title: 'Request queues',
      description: 'Requests that wait for a request handler, and responses that wait for a network thread.',
      unit: units.count,
      queries: [
        { expr: `kafka_broker_request_queue_requests${chosen}`, legend: '{{cluster}} {{broker}} requests' },
        { expr: `kafka_broker_response_queue_responses${chosen}`, legend: '{{cluster}} {{broker}} answers' },
      ],
    }),
    lines({
      title: 'Purgatory',
      description:
        'Requests in purgatory: they wait for replicas, or for enough bytes to fetch. Operations without waiting requests are hidden.',
      unit: units.count,
      expr: `kafka_broker_purgatory_requests${chosen} > 0`,
      legend: '{{cluster}} {{broker}} {{operation}}',
      noValue: 'no waiting requests, or no JMX of the brokers',
    }),
    lines({
      title: 'ISR shrinks and expansions',
      description: 'Rate at which replicas leave the in-sync set of a partition and return to it.',
      unit: units.perSecond,
      queries: ratesOf(chosen, '{{cluster}} {{broker}}', {
        left: 'kafka_broker_isr_shrinks_total',
        returned: 'kafka_broker_isr_expands_total',
      }),
    }),
    lines({
      title: 'Log flush latency',
      description: '99th percentile of the flush time of the log.',
      unit: units.seconds,
      expr: `kafka_broker_log_flush_p99_seconds${chosen}`,
      legend: '{{cluster}} {{broker}}',
    }),
  ],
};
