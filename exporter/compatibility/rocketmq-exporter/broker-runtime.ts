// Exports the runtime figures of masters under rocketmq-exporter's names.

import type { RocketmqBroker, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { defined } from '../../../core/defined.ts';
import { parseRuntimeInfo } from '../../../brokers/rocketmq/runtime-info.ts';
import { known, type Measurement } from '../../collector.ts';
import type { CompatibilityMetric } from '../compatibility.ts';
import { runtimeMetrics } from './runtime-metrics.ts';

const prefix = 'rocketmq_brokeruntime_';
const labels = ['brokerIP', 'brokerHost', 'des', 'boottime', 'broker_version'];

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
