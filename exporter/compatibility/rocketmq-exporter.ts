// Exports rocketmq-exporter's metrics under its names, labels and units.

import { fromDetails } from '../collectors/rocketmq/from-details.ts';
import type { Compatibility } from './compatibility.ts';
import { brokerRuntimeMetrics, brokerRuntimeOf, brokerMetrics, brokersOf } from './rocketmq-exporter/brokers.ts';
import { groupMetrics, groupsOf } from './rocketmq-exporter/groups.ts';
import { topicMetrics, topicsOf } from './rocketmq-exporter/topics.ts';

const neverFilled = 'upstream declares it and never fills it';
const byClient = 'one series per client address, and a request through the broker to each client';

export const rocketmqExporter = {
  of: 'rocketmq',
  usesLagTimes: true,
  follows: 'apache/rocketmq-exporter',
  source: 'what the other collectors show, once more',
  cost: 'no request; as many series again, and new series of a broker when it restarts',
  differs:
    'The label `cluster` is the name of the cluster in the config, on `/metrics`; on `/probe` it comes from the labels of the scrape.',
  metrics: { ...brokerMetrics, ...brokerRuntimeMetrics, ...topicMetrics, ...groupMetrics },
  missing: {
    rocketmq_group_dlqdiff: `${neverFilled}; use \`rocketmq_consumergroup_dead_letters_stored\``,
    rocketmq_group_consume_tps: `${neverFilled}; use \`rocketmq_consumer_tps\``,
    rocketmq_group_consume_total_offset: `${neverFilled}; use \`rocketmq_consumer_offset\``,
    rocketmq_producer_count: 'scrapes do not list producers; `plimsoll get producers` does',
    rocketmq_client_consume_fail_msg_count: byClient,
    rocketmq_client_consume_fail_msg_tps: byClient,
    rocketmq_client_consume_ok_msg_tps: byClient,
    rocketmq_client_consume_rt: byClient,
    rocketmq_client_consumer_pull_rt: byClient,
    rocketmq_client_consumer_pull_tps: byClient,
  },

  collect({ snapshot, lagTimes }) {
    return fromDetails(snapshot, function* (details) {
      yield* brokersOf(snapshot, details);
      yield* brokerRuntimeOf(details);
      yield* topicsOf(snapshot, details);
      yield* groupsOf(snapshot, details, lagTimes);
    });
  },
} satisfies Compatibility;
