// Computes the bytes that Kafka's quotas count per message of a run, and each broker's share of the messages.

import { fullBatchRecords, recordBatchBytes } from '../../../core/wire/record-batch-bytes.ts';
import type { LoadTestRun } from '../../evidence/load-test-run.ts';
import type { ClientBytes } from './resources/model.ts';

/** Header of a produce request and of a fetch response with one partition; core/wire/kafka-bytes.ts draws both. */
const requestHeader = 60;

/** @returns undefined if no quota applies, or the message size is unknown */
export function clientBytesOf(run: LoadTestRun, broker: string): ClientBytes | undefined {
  const { configuredLimits, workload } = run.document;
  const { messageBytes } = workload;
  if (messageBytes === undefined || !configuredLimits || configuredLimits.quotas.length === 0) return undefined;
  const shape = { bodyBytes: messageBytes };
  const [acknowledged, requests] = run.produced.reduce(
    ([messages, count], line) => [messages + line.acknowledged, count + line.requests],
    [0, 0],
  );
  const perRequest = requests > 0 ? Math.max(1, acknowledged / requests) : fullBatchRecords(shape);
  return {
    quotas: configuredLimits.quotas,
    leaderShare: leaderShareOf(run, broker),
    produceBytesPerMessage: (requestHeader + recordBatchBytes(shape, perRequest)) / perRequest,
    fetchBytesPerMessage: recordBatchBytes(shape, perRequest) / perRequest,
    isOnlyTraffic: run.events.background.every(({ messagesPerSecond }) => messagesPerSecond === 0),
  };
}

/** Uses the last leader count; without counts, every broker leads an equal share. */
function leaderShareOf({ brokers, document }: LoadTestRun, broker: string): number {
  const { brokers: all } = document.environment;
  const counts = all.map(({ id }) => brokers?.get(id)?.findLast(({ leaders }) => leaders !== undefined)?.leaders);
  const sum = counts.reduce<number>((total, count) => total + (count ?? 0), 0);
  const own = counts[all.findIndex(({ id }) => id === broker)];
  return sum > 0 && own !== undefined ? own / sum : 1 / Math.max(1, all.length);
}
