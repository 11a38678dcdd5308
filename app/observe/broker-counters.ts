// Reads how far the counters of a broker moved between two readings.

import { parseRuntimeInfo } from '../../brokers/rocketmq/runtime-info.ts';
import type { Reading } from './rate-reading.ts';

export function countersOf(before: Reading, after: Reading, broker: string) {
  const [from, to] = [before, after].map(({ snapshot }) =>
    parseRuntimeInfo(snapshot.rocketmq?.brokers.find(({ id }) => id === broker)?.runtime),
  );
  return {
    putBytes: difference(from?.putBytes, to?.putBytes),
    putMessages: difference(from?.putMessages, to?.putMessages),
  };
}

/** As the broker itself counted. */
export function countedBytes(before: Reading, after: Reading, broker: string): { written?: number; read?: number } {
  const of = (metric: string) => difference(counterIn(before, broker, metric), counterIn(after, broker, metric));
  const { putBytes } = countersOf(before, after, broker);
  const [written, read] = [putBytes ?? of('kafka_broker_bytes_in_total'), of('kafka_broker_bytes_out_total')];
  return { ...(written !== undefined && { written }), ...(read !== undefined && { read }) };
}

const counterIn = ({ snapshot }: Reading, broker: string, metric: string) =>
  snapshot.kafka?.internals.find((each) => each.broker === broker)?.values.find((each) => each.metric === metric)
    ?.value;

/** Absent after a restart, which sets counters back. */
function difference(from: number | bigint | undefined, to: number | bigint | undefined): number | undefined {
  if (from === undefined || to === undefined || to < from) return undefined;
  return Number(to) - Number(from);
}
