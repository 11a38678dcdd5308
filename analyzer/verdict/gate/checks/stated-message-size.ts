// Compares the stated message size with the payload that the load generator counted, and with the bytes that Kafka brokers stored.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { MessageSizeFacts } from '../../../../core/documents/findings/stated-figure-findings.ts';
import { recordBatchBytes } from '../../../../core/wire/record-batch-bytes.ts';
import { keyBytesOf } from '../../../evidence/key-bytes.ts';
import { isInside } from '../../steps/settled-window.ts';
import { slopeInterval } from '../../../../core/statistics/regression.ts';
import { meanInterval } from '../../../../core/statistics/statistics.ts';
import { figuresPerStep } from '../broker-bytes.ts';
import { bounded, refused, type Check, type GateContext, type Inconsistency } from '../check.ts';

/** Confidence for randomly drawn sizes, whose mean varies by chance. */
const sure = 0.999;

export const statedMessageSize: Check = (context) => {
  const { messageBytes } = context.run.document.workload;
  if (messageBytes === undefined) return [];
  const facts = bySender(context, messageBytes) ?? byBrokers(context, messageBytes);
  return facts === undefined ? [] : [contradiction(facts)];
};

function bySender({ run, steps, policy }: GateContext, statedBytes: number): MessageSizeFacts | undefined {
  const windows = steps.map(({ step }) => step.window);
  const counted = run.produced.filter(
    ({ from, to, bytes, acknowledged }) =>
      bytes !== undefined && acknowledged > 0 && windows.some((window) => isInside((from + to) / 2, window)),
  );
  const all = counted.reduce((sum, { acknowledged }) => sum + acknowledged, 0);
  const measuredBytes = counted.reduce((sum, { bytes = 0 }) => sum + bytes, 0) / all;
  const chance = meanInterval(
    counted.map(({ bytes = 0, acknowledged }) => bytes / acknowledged),
    sure,
  );
  if (chance === undefined) return undefined;
  // The stated size is a whole number.
  const tolerance = policy.inputs.sentBytesShare.value * statedBytes + 0.5 + (chance.high - chance.value);
  return Math.abs(measuredBytes - statedBytes) > tolerance
    ? { statedBytes, measuredBytes, counter: 'load-generator' }
    : undefined;
}

/**
 * Brokers count record batches as producers sent them (kafka.server:type=BrokerTopicMetrics, BytesInPerSec). Bytes
 * minus the stated messages are compared by their growth with the rate, so that other traffic stays in the intercept.
 */
function byBrokers({ run, steps, policy }: GateContext, statedBytes: number): MessageSizeFacts | undefined {
  const { broker, resume, workload, sources } = run.document;
  // A request of the load generator contains one batch; the batching of other clients is unknown.
  if (traitsOf(broker)?.hasRecordBatches !== true || sources !== undefined || workload.acks === 'none')
    return undefined;
  const points = figuresPerStep(run, steps, ['bytesInPerSecond', 'messagesInPerSecond']).flatMap((point) => {
    const { tps, requestsPerSecond } = point.step;
    return requestsPerSecond === undefined ? [] : [{ ...point, tps, records: Math.max(1, tps / requestsPerSecond) }];
  });
  const excess = (key: number) =>
    slopeInterval(
      points.map(({ messagesInPerSecond }) => messagesInPerSecond),
      points.map(({ bytesInPerSecond, messagesInPerSecond, records }) => {
        const batch = recordBatchBytes({ bodyBytes: statedBytes, keyBytes: key }, records);
        return bytesInPerSecond - (messagesInPerSecond * batch) / records;
      }),
      policy.fit.confidence.value,
    );
  const keyBytes = keyBytesOf(run.document);
  const least = excess(keyBytes.least);
  const most = excess(keyBytes.most);
  if (least === undefined || most === undefined) return undefined;
  const tolerance = policy.inputs.storedBytesShare.value * statedBytes;
  const factsOf = (more: number): MessageSizeFacts => ({
    statedBytes,
    measuredBytes: Math.max(0, statedBytes + more),
    counter: 'brokers',
  });
  if (most.low > tolerance) return factsOf(most.value);
  const isPacked = resume?.workload['compression'] !== 'none';
  return least.high < -tolerance && !isPacked ? factsOf(least.value) : undefined;
}

/** Shorter messages than stated mean a lighter load than the requested one. */
function contradiction(facts: MessageSizeFacts): Inconsistency {
  const finding = findingOf('stated-message-size-contradicted', facts);
  const isShorter = facts.measuredBytes < facts.statedBytes;
  return isShorter ? refused('a run with messages of the stated size', 'cluster', finding) : bounded(finding);
}
