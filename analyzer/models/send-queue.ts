// Did messages wait for RocketMQ's send threads? By the age of the message at the head of their queue.

import { durationText, nodeText, quantityText } from '../quantity-text.ts';
import type { SymptomModel } from './model.ts';
import { mostOfBroker } from './use.ts';

const refusal = {
  seconds: 0.2,
  source: 'Apache RocketMQ BrokerConfig: waitTimeMillsInSendQueue, from where the broker answers SYSTEM_BUSY',
};

export const sendQueue = {
  symptom: 'publish-latency',
  requires: 'wait at the head of the send queue of a RocketMQ broker',

  judge(steps, series) {
    const waits = steps.flatMap((observed) => {
      const seconds = mostOfBroker(observed, series, ({ sendQueueWaitSeconds }) => sendQueueWaitSeconds);
      return seconds === undefined ? [] : [{ seconds, tps: observed.step.tps }];
    });
    const worst = waits.toSorted((a, b) => b.seconds - a.seconds)[0];
    if (worst === undefined || worst.seconds < refusal.seconds) return [];
    return [
      {
        severity: 'warning',
        code: 'send-queue-wait',
        message: `At ${quantityText(worst.tps)} msg/s messages waited up to ${durationText(worst.seconds)} for a send thread of ${nodeText(series.node)}: from ${durationText(refusal.seconds)} on it refuses them. The threads are full, or wait for the disk.`,
        evidence: [
          {
            name: 'wait',
            value: worst.seconds,
            unit: 's',
            source: `head of the send queue of ${nodeText(series.node)}`,
          },
          { name: 'refused from', value: refusal.seconds, unit: 's', source: refusal.source },
        ],
      },
    ];
  },
} satisfies SymptomModel;
