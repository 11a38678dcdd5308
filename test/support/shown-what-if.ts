// Provides a calculator that scales a known cluster in proportion.

import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import { defined } from '../../core/defined.ts';
import { AppError } from '../../core/errors.ts';
import { calculate, type Question } from '../../service/calculation/calculation.ts';
import type { Calculator } from '../../service/calculation/calculator.ts';

/** As in the load test of the shown fleet. */
const measured = {
  messageBytes: 370,
  groups: 1,
  replicas: 1,
  acks: 'all',
  compression: 1,
  nic: 50e6,
  disks: 1,
  brokers: 2,
} as const;

/** Replaces the analysis of a run: responds immediately, and refuses like the real calculator. */
export function ruleOfThree(): Calculator & { asked: Question[] } {
  const asked: Question[] = [];
  const ask = async (question: Question) => {
    asked.push(question);
    if (question.kind === 'blast-radius') return calculate(question);
    if (question.kind !== 'what-if') throw new Error(`nothing is known of ${question.kind}`);
    return question.alternatives.map(carried);
  };
  return { ask: ask as Calculator['ask'], asked, async [Symbol.asyncDispose]() {} };
}

function carried(alternative: Alternative): WhatIf {
  const { messageBytes, groups, nic, brokers, replicas } = { ...measured, ...defined(alternative) };
  if (replicas > brokers) {
    throw new AppError('usage', `--what-if: replicas=${replicas} on ${brokers} brokers cannot be`, {
      hint: 'give more brokers',
    });
  }
  const copies = replicas - 1 + groups;
  const cards = ((nic / measured.nic) * (brokers / measured.brokers) * measured.messageBytes) / messageBytes;
  const limits = [
    limitOf('network-out', (22_174 * cards) / Math.max(1, copies)),
    limitOf('network-in', 26_237 * cards),
    limitOf('cpu', (62_439 * brokers) / measured.brokers),
  ].toSorted((one, other) => one.estimateTps - other.estimateTps);
  const [first = limitOf('cpu', 1)] = limits;
  const { estimateTps, interval, limitedBy } = first;
  return {
    alternative,
    safeMaxTps: { kind: 'predicted', tps: interval.low, estimateTps, interval, limitedBy },
    binding: [{ limitedBy, probability: 1 }],
    limits,
    carried: Object.entries(defined(alternative)).map(([quantity, to]) => ({
      quantity: quantity as keyof Alternative,
      from: measured[quantity as keyof typeof measured],
      to,
      how: quantity === 'messageBytes' ? 'network: in proportion; CPU: does not change' : 'in proportion',
      howZh: quantity === 'messageBytes' ? '网卡按比例换算；CPU 不变' : '按比例换算',
      extrapolates: quantity !== 'nic' || Number(to) > measured.nic,
    })),
    measured,
  };
}

/** The load test reached 27,410 messages per second; a limit far above that is beyond its reach. */
function limitOf(resource: 'cpu' | 'network-in' | 'network-out', tps: number) {
  return {
    limitedBy: { resource, node: 'broker-b:0' },
    estimateTps: tps,
    interval: { low: tps * 0.985, high: tps * 1.014, confidence: 0.95 },
    isBeyondReach: tps > 100_000,
  };
}
