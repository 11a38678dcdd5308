// Assesses the send queue of a RocketMQ broker: the wait of its oldest request, compared with the wait at which the broker refuses sends.

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
    const uses = steps.map((step) => useOfBroker(step, series, 'sendQueueWaitSeconds'));
    if (uses.every((use) => use === undefined)) return unmonitored;
    const source = `send queue of ${nodeText(series.node)}: ${sendRefusal.source}`;
    return {
      kind: 'measured',
      capacity: { value: sendRefusal.value, unit: 's', source },
      uses,
      findings: waitFinding(steps, series),
    };
  },
} satisfies ResourceModel;

/** Reports the longest wait of the steps, if it reached the refusal limit. */
function waitFinding(steps: readonly ObservedStep[], series: NodeSeries): Finding[] {
  const waits = steps.flatMap((observed) => {
    const waitSeconds = mostOfBroker(observed, series, 'sendQueueWaitSeconds');
    return waitSeconds === undefined ? [] : [{ tps: observed.step.tps, waitSeconds }];
  });
  const worst = waits.toSorted((a, b) => b.waitSeconds - a.waitSeconds)[0];
  if (worst === undefined || worst.waitSeconds < sendRefusal.value) return [];
  return [findingOf('send-queue-wait', { node: series.node, ...worst, refusedFrom: sendRefusal })];
}
