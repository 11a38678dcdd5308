// Assesses the send queue of a RocketMQ broker: how long its oldest request waits, against the wait at which the broker refuses sends.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { durationText } from '../../../../core/text/duration-text.ts';
import { nodeText, rateText } from '../../../../core/text/quantity-text.ts';
import type { NodeSeries, ObservedStep, ResourceModel } from './model.ts';
import { unmonitored } from './unmonitored.ts';
import { mostOfBroker, useOfBroker } from './use.ts';

export const sendRefusal = {
  seconds: 0.2,
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
    if (uses.every((use) => use === undefined)) return unmonitored('send-queue', node, 'send queue');
    return {
      kind: 'measured',
      capacity: {
        value: sendRefusal.seconds,
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
  const node = nodeText(series.node);
  const waits = steps.flatMap((observed) => {
    const seconds = mostOfBroker(observed, series, ({ sendQueueWaitSeconds }) => sendQueueWaitSeconds);
    return seconds === undefined ? [] : [{ seconds, tps: observed.step.tps }];
  });
  const worst = waits.toSorted((a, b) => b.seconds - a.seconds)[0];
  if (worst === undefined || worst.seconds < sendRefusal.seconds) return [];
  return [
    {
      severity: 'warning',
      code: 'send-queue-wait',
      message: `At ${rateText(worst.tps)} messages waited up to ${durationText(worst.seconds)} for a send thread of ${node}: from ${durationText(sendRefusal.seconds)} on it refuses them. The threads are full, or wait for the disk.`,
      evidence: [
        { name: 'wait', value: worst.seconds, unit: 's', source: `head of the send queue of ${node}` },
        { name: 'refused from', value: sendRefusal.seconds, unit: 's', source: sendRefusal.source },
      ],
    },
  ];
}
