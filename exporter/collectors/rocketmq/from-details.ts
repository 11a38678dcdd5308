// Provides helpers for RocketMQ collectors: access to the snapshot's details and labels.

import type { RocketmqBroker, RocketmqDetails } from '../../../brokers/rocketmq/details.ts';
import { parseRuntimeInfo, type RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { rocketmq } from '../../../core/broker-kind/rocketmq.ts';
import {
  ok,
  type ClusterCollector,
  type Collection,
  labelled,
  type Measurement,
  type MetricDefinition,
} from '../../collector.ts';

/** Metrics per broker process: `broker` is `brokerName:brokerId`. */
export const perBroker = labelled('broker');

export const sharedRuntime = '1 request per broker, shared by all collectors of runtime figures';

export function fromDetails(
  { rocketmq: details }: ClusterSnapshot,
  measure: (details: RocketmqDetails) => Iterable<Measurement>,
): Collection {
  if (details === undefined) return { kind: 'no-data', reason: 'no broker and no name server reported its details' };
  return ok(measure(details));
}

/** Metrics from runtime info: a broker that did not respond has no series. */
export const ofRuntime = (
  metrics: Readonly<Record<string, MetricDefinition>>,
  measure: (id: string, figures: RuntimeFigures, config: RocketmqBroker['config']) => Iterable<Measurement>,
): ClusterCollector => ({
  of: 'rocketmq',
  source: 'GET_BROKER_RUNTIME_INFO',
  cost: sharedRuntime,
  metrics,
  collect: ({ snapshot }) =>
    fromDetails(snapshot, function* ({ brokers }) {
      for (const { id, runtime, config } of brokers) {
        if (runtime !== undefined) yield* measure(id, parseRuntimeInfo(runtime), config);
      }
    }),
});

/** Figures of topics and groups are by broker name, whichever member served them. */
export const brokerNameOf = rocketmq.brokerId.group;

/** Ids of brokers that did not respond to the request for runtime info; a rejection is a response. */
export function unreachable({ sections }: ClusterSnapshot): ReadonlySet<string> {
  const silent = sections.filter(({ section, isUnreachable }) => section === 'runtime' && isUnreachable === true);
  return new Set(silent.map(({ broker = '' }) => broker));
}

/** Brokers whose runtime figures belong to this snapshot, not to an earlier one. */
export function answering({ rocketmq, sections }: ClusterSnapshot): readonly RocketmqBroker[] {
  const silent = new Set(
    sections.filter(({ section, kind }) => section === 'runtime' && kind !== 'fresh').map(({ broker }) => broker),
  );
  return (rocketmq?.brokers ?? []).filter(({ id, runtime }) => runtime !== undefined && !silent.has(id));
}
