// Exports the traffic of masters and the lag of their slaves under rocketmq-exporter's names.

import { masterId } from '../../../core/broker-kind/rocketmq.ts';
import type { RocketmqDetails, RocketmqBroker } from '../../../brokers/rocketmq/details.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { behindOf, commitLogEnds } from '../../collectors/rocketmq/commit-log-ends.ts';
import { known, labelled, type Measurement } from '../../collector.ts';
import { defined } from '../../../core/defined.ts';
import type { CompatibilityMetric } from '../compatibility.ts';
import { runtimeMetrics } from './runtime-metrics.ts';

const { gauge } = labelled('brokerIP', 'broker');
const fromRuntime =
  'the mean of 60 s of the runtime figures, in place of one more request for BROKER_PUT_NUMS or BROKER_GET_NUMS';

export const brokerMetrics = {
  rocketmq_broker_tps: gauge('Messages stored per second, mean of the last minute.', {
    unit: 'messages per second',
    ours: 'rate(rocketmq_broker_put_messages_total[5m])',
    differs: fromRuntime,
  }),
  rocketmq_broker_qps: gauge('Messages handed out per second, mean of the last minute.', {
    unit: 'messages per second',
    ours: 'rate(rocketmq_broker_get_messages_total[5m])',
    differs: fromRuntime,
  }),
  rocketmq_broker_commitlog_diff: gauge("Bytes of the master's commit log the slave at `brokerIP` has not.", {
    unit: 'bytes',
    ours: 'rocketmq_replica_behind_bytes',
    differs: 'never below 0; absent when one of the two does not answer',
  }),
};

export function* brokersOf(snapshot: ClusterSnapshot, { brokers }: RocketmqDetails): Iterable<Measurement> {
  const ends = commitLogEnds(snapshot);
  for (const { id, address, brokerName, brokerId, runtime } of brokers) {
    const values = [address, brokerName];
    if (brokerId === 0) {
      const { putRates, getTransferredRates } = parseRuntimeInfo(runtime);
      yield* known('rocketmq_broker_tps', values, putRates.over60Seconds);
      yield* known('rocketmq_broker_qps', values, getTransferredRates.over60Seconds);
    } else {
      const behind = behindOf(ends.get(masterId(brokerName)), ends.get(id));
      yield* known('rocketmq_broker_commitlog_diff', values, behind);
    }
  }
}

const prefix = 'rocketmq_brokeruntime_';
const labels = ['brokerIP', 'brokerHost', 'des', 'boottime', 'broker_version'];

/** Exports the runtime figures of masters under rocketmq-exporter's names. */
export const brokerRuntimeMetrics: Readonly<Record<string, CompatibilityMetric>> = Object.fromEntries(
  Object.entries(runtimeMetrics).map(([name, { help, unit, ours, differs }]) => [
    `${prefix}${name}`,
    { type: 'gauge' as const, help, labels, unit, ...defined({ ours, differs }) },
  ]),
);

export function* brokerRuntimeOf({ brokers }: RocketmqDetails): Iterable<Measurement> {
  // Masters only, as upstream.
  for (const { address, brokerId, runtime } of brokers) {
    if (brokerId !== 0 || runtime === undefined) continue;
    const values = labelsOf(address, runtime);
    const figures = parseRuntimeInfo(runtime);
    for (const [name, { value }] of Object.entries(runtimeMetrics)) {
      yield* known(`${prefix}${name}`, values, value(figures, runtime));
    }
  }
}

function labelsOf(address: string, runtime: NonNullable<RocketmqBroker['runtime']>): readonly string[] {
  const text = (key: string) => runtime.get(key) ?? '';
  return [address, '', text('brokerVersionDesc'), text('bootTimestamp'), text('brokerVersion')];
}
