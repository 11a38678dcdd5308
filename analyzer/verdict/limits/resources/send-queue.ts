// Assesses the send queue of a RocketMQ broker: how long its oldest request waits, against the wait at which the broker refuses sends.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { nodeText } from '../../../../core/text/quantity-text.ts';
import { unmonitored, type NodeSeries, type ObservedStep, type ResourceModel } from './model.ts';
import { mostOfBroker, useOfBroker } from './use.ts';

export const sendRefusal = {
  value: 0.2,
  source: 'Apache RocketMQ BrokerConfig: waitTimeMillsInSendQueue, from where the broker answers SYSTEM_BUSY',
};

export const sendQueue = {
  resource: 'send-queue',
  requires: 'wait at the head of the send queue of a RocketMQ broker',
  reportedBy: { rocketmq: ['sendQueueWaitSeconds'] },
  kind: 'queue',

  assess(steps, series) {
    const { node } = series;
    const uses = steps.map((step) => useOfBroker(step, series, ({ sendQueueWaitSeconds }) => sendQueueWaitSeconds));
    if (uses.every((use) => use === undefined)) return unmonitored;
    return {
      kind: 'measured',
      capacity: {
        value: sendRefusal.value,
        unit: 's',
        source: `send queue of ${nodeText(node)}: ${sendRefusal.source}`,
      },
      uses,
      findings: waitFinding(steps, series),
    };
  },
} satisfies ResourceModel;

/** The longest wait of a step, where it reached the refusal. */
function waitFinding(steps: readonly ObservedStep[], series: NodeSeries): Finding[] {
  const waits = steps.flatMap((observed) => {
    const seconds = mostOfBroker(observed, series, ({ sendQueueWaitSeconds }) => sendQueueWaitSeconds);
    return seconds === undefined ? [] : [{ seconds, tps: observed.step.tps }];
  });
  const worst = waits.toSorted((a, b) => b.seconds - a.seconds)[0];
  if (worst === undefined || worst.seconds < sendRefusal.value) return [];
  const { tps, seconds: waitSeconds } = worst;
  return [findingOf('send-queue-wait', { node: series.node, tps, waitSeconds, refusedFrom: sendRefusal })];
}
