import { expect, test } from 'vitest';
import { acrossInstances } from '../../../../dashboards/grafana/queries.ts';
import { dashboards } from '../../../../dashboards/grafana/registry.ts';
import { expressionsOf } from '../../../support/dashboard-parts.ts';

const merged = (expr: string) => acrossInstances({ expr });
const chosen = '{cluster=~"$cluster"}';

test.each([
  [
    'a sum',
    `sum by (cluster) (kafka_brokers${chosen})`,
    `sum by (cluster) (max without (instance) (kafka_brokers${chosen}))`,
  ],
  ['a line', 'plimsoll_promotion_on', 'max without (instance) (plimsoll_promotion_on)'],
  [
    'a rate, which is aggregated as a whole',
    `sum by (topic) (rate(kafka_topic_partition_current_offset${chosen}[$__rate_interval]))`,
    `sum by (topic) (max without (instance) (rate(kafka_topic_partition_current_offset${chosen}[$__rate_interval])))`,
  ],
  [
    'both sides of an exclusion',
    `rate(rocketmq_broker_put_messages_total${chosen}[5m]) unless changes(rocketmq_broker_boot_timestamp_seconds${chosen}[5m]) > 0`,
    `max without (instance) (rate(rocketmq_broker_put_messages_total${chosen}[5m])) unless max without (instance) (changes(rocketmq_broker_boot_timestamp_seconds${chosen}[5m])) > 0`,
  ],
  [
    'both sides of a join',
    `max by (domain) (plimsoll_cluster_domain_info * on (cluster) group_left () plimsoll_headroom_ratio)`,
    `max by (domain) (max without (instance) (plimsoll_cluster_domain_info) * on (cluster) group_left () max without (instance) (plimsoll_headroom_ratio))`,
  ],
  [
    'an offset',
    `plimsoll_now_produce_tps${chosen} offset 1d`,
    `max without (instance) (plimsoll_now_produce_tps${chosen} offset 1d)`,
  ],
])('an expression with %s aggregates the instances by maximum', (_, expr, expected) =>
  expect(merged(expr)).toBe(expected),
);

test.each([
  [
    'a maximum or minimum over all instances',
    `max by (cluster) (max_over_time(kafka_brokers${chosen}[6h])) - min by (cluster) (kafka_brokers${chosen})`,
  ],
  ['a query about each instance', 'sum(plimsoll_run_step{instance=~"$instance"})'],
  ['a metric of Prometheus itself', 'avg(up{job="plimsoll"})'],
])('an expression with %s is unchanged', (_, expr) => expect(merged(expr)).toBe(expr));

test('the expression of a graph with a line per instance is unchanged', () =>
  expect(acrossInstances({ expr: 'plimsoll_history_writable', legend: '{{instance}}' })).toBe(
    'plimsoll_history_writable',
  ));

test('no shipped query of several instances has a sum that counts instances twice', () => {
  const shared = dashboards
    .flatMap(expressionsOf)
    .filter((expr) => !/\binstance\b/.test(expr.replaceAll('without (instance)', '')));
  const perInstance = /\b(?:sum|count|avg)(?: by \([^)]*\))? ?\((?:\w+\()*(?:plimsoll|kafka|rocketmq|node|jvm)_/;
  expect(shared.filter((expr) => /\bsum\b/.test(expr))).not.toEqual([]);
  expect(shared.filter((expr) => perInstance.test(expr))).toEqual([]);
});
