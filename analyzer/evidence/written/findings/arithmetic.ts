// Compares the figures of a written result with the bytes its protocol must move, and reports differences.

import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import { type Figures, scaled } from '../figures.ts';
import { tryHypotheses } from '../hypotheses.ts';
import { networkUses } from '../network-limit.ts';
import {
  assumed,
  bytesPerMessage,
  bytesPerSecond,
  saturationRate,
  largerDirection,
  leaderNoun,
  statedTraffic,
} from '../traffic.ts';

/** Compares the arithmetic of the stated topology with the card, and with the reading of it. */
export function protocolArithmetic(figures: Figures, policy: Policy): Finding | undefined {
  const { link, tpsPerMaster } = figures;
  if (link === undefined) return undefined;
  const traffic = statedTraffic(figures);
  const perMessage = bytesPerMessage(traffic);
  const moved = bytesPerSecond(traffic);
  const full = saturationRate(traffic, link.bitsPerSecond);
  const direction = largerDirection(traffic);
  const policyLimit = policy.limits[`network-${direction}`].value;
  const safe = scaled(full, policyLimit);
  const reading = networkUses(figures)[0]?.amount;
  const trials =
    reading === undefined
      ? []
      : tryHypotheses(figures, reading, link.bitsPerSecond, policy.readings.roundedShare.value);
  const reproduced = trials.find(({ reproduces }) => reproduces);
  const agrees = reading === undefined ? full.high >= tpsPerMaster : reproduced !== undefined;
  return findingOf(agrees ? 'figures-agree' : 'figures-disagree', {
    leader: leaderNoun(traffic),
    followers: traffic.followers,
    isDledger: traffic.replication === 'dledger',
    groups: traffic.groups,
    receivesCopies: traffic.receivesCopies,
    direction,
    messageBytes: traffic.messageBytes,
    tps: traffic.tps,
    bitsPerSecond: link.bitsPerSecond,
    policyLimit,
    saturationTps: full,
    safeTps: safe,
    bytesPerMessage: perMessage,
    bytesPerSecond: moved,
    settings: settings[traffic.broker],
    ...(reading && { stated: reading }),
    ...(reproduced && { reproduced }),
    trials,
  });
}

/** Assumed values for settings that the text does not give. */
const settings = {
  kafka: [
    `topic of ${assumed.topicBytes} characters`,
    'batches and fetches from full ones of 16 KiB and 1 MiB down to one record',
  ].join(', '),
  rocketmq: [
    `topic of ${assumed.topicBytes} characters`,
    `${assumed.messagesPerPull} messages a pull`,
    `DLedger pushes of ${assumed.pushBatch.single} to ${assumed.pushBatch.batched} messages`,
  ].join(', '),
} as const;
