// Compares the figures of a written result with the bytes its protocol must move, and reports differences.

import type { Evidence, Finding } from '../../../../core/documents/analysis.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { Amount, Figures } from '../figures.ts';
import type { Trial } from '../hypotheses.ts';
import { tryHypotheses } from '../hypotheses.ts';
import { networkUses } from '../network-limit.ts';
import type { Range } from '../range.ts';
import { scaled } from '../range.ts';
import {
  assumed,
  bytesPerMessage,
  bytesPerSecond,
  saturationRate,
  largerDirection,
  leaderNoun,
  statedTraffic,
  type Traffic,
} from '../traffic.ts';
import { bytesRange, evidenceOf, exact, rateRange, tpsRange, tpsText } from '../figure-text.ts';
import { bitRateText, changeText, percentText, pluralText } from '../../../../core/text/quantity-text.ts';

/** The arithmetic of the stated topology against the card and against what was read of it. */
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
  const received = traffic.receivesCopies ? ' and copies as much from other leaders' : '';
  const fed = `${pluralText(traffic.followers, followerNoun(traffic.replication))} and ${pluralText(traffic.groups, 'consumer group')}`;
  return {
    severity: agrees ? 'info' : 'warning',
    code: agrees ? 'figures-agree' : 'figures-disagree',
    message: [
      agrees ? agreement(reproduced) : 'The figures do not agree with each other.',
      `By the arithmetic of the protocol a ${leaderNoun(traffic)} that feeds ${fed}${received} moves ${bytesRange(perMessage[direction])} bytes ${direction} for a message of ${exact(traffic.messageBytes)} bytes,`,
      `so ${bitRateText(link.bitsPerSecond)} is full at ${tpsRange(full)} messages/s (${tpsRange(safe)} at ${percentText(policyLimit)});`,
      `${tpsText(traffic.tps)} would need ${rateRange(moved.out)} out and ${rateRange(moved.in)} in${reading === undefined ? '.' : `, where the text reads ${rateRange(reading)}.`}`,
      ...(agrees || reading === undefined ? [] : [nearest(trials, reading)]),
    ].join(' '),
    evidence: [
      ...ends('full-card-tps', full, 'messages/s', traffic),
      ...ends('policy-tps', safe, 'messages/s', traffic),
      ...ends('network-out-bytes-per-message', perMessage.out, 'bytes', traffic),
      ...ends('network-in-bytes-per-message', perMessage.in, 'bytes', traffic),
      ...ends('network-out-bytes-per-second', moved.out, 'bytes/s', traffic),
      ...ends('network-in-bytes-per-second', moved.in, 'bytes/s', traffic),
      ...(reading === undefined ? [] : [evidenceOf(reading.reading)]),
      ...(reading === undefined || agrees ? [] : trials.map((trial) => trialEvidence(trial, reading))),
    ],
  };
}

const followerNoun = (replication: string) => (replication === 'dledger' ? 'DLedger follower' : 'follower');

const agreement = (reproduced: Trial | undefined) =>
  `The figures agree with each other${reproduced === undefined || reproduced.name === 'as-stated' ? '' : ` if ${reproduced.words}`}.`;

/** Readings in the message; the evidence has all. */
const shown = 7;

function nearest(trials: readonly Trial[], reading: Amount): string {
  return [
    `None of ${trials.length} interpretations reproduces all figures. Nearest to ${rateRange(reading)}:`,
    ...trials.slice(0, shown).map((trial) => `- ${trialWords(trial, reading)}`),
  ].join('\n');
}

function trialWords({ words, predicted, fits, givesUp }: Trial, reading: Amount): string {
  const objections = [fits ? undefined : 'the card cannot carry what this needs', givesUp && `gives up ${givesUp}`];
  const miss = `${words}: ${rateRange(predicted)}, ${misses(predicted, reading)}`;
  return [miss, ...objections.filter((each) => each !== undefined)].join('; ');
}

function misses(predicted: Range, { low, high }: Amount): string {
  const against = (figure: number) => {
    const [from, to] = [changeText(predicted.low / figure - 1), changeText(predicted.high / figure - 1)];
    return from === to ? from : `${from} to ${to}`;
  };
  return low === high ? against(low) : `${against(low)} (${against(high)} if MiB)`;
}

/** Values taken for the settings that the text does not give. */
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

function ends(name: string, { low, high }: Range, unit: string, { broker }: Traffic): Evidence[] {
  const source = `byte arithmetic of the protocol: ${settings[broker]}`;
  return [
    { name: `${name}-low`, value: Math.round(low), unit, source },
    { name: `${name}-high`, value: Math.round(high), unit, source },
  ];
}

function trialEvidence(trial: Trial, reading: Amount): Evidence {
  return {
    name: `if-${trial.name}`,
    value: Math.round(trial.residual * 1000) / 1000,
    unit: 'ratio',
    source: trialWords(trial, reading),
  };
}
