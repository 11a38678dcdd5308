// Executes every step of a Kafka redline until its limit is reached or its budget or partitions are used up.

import type { StepsEnd } from '../../ops/redline/live-load.ts';
import {
  ledAfter,
  movesOfPartition,
  nextRedlineStep,
  type RedlineAsk,
  type RedlineMoves,
} from '../../ops/kafka/redline/plan-redline.ts';

export function planRedline(ask: RedlineAsk): { steps: RedlineMoves[]; end: StepsEnd } {
  const steps: RedlineMoves[] = [];
  let { partitions, movesLeft } = ask;
  for (;;) {
    const next = nextRedlineStep({ ...ask, partitions, movesLeft });
    if (next.kind === 'end') return { steps, end: next.end };
    steps.push(next.step);
    partitions = ledAfter(partitions, next.step, ask.broker);
    movesLeft -= movesOfPartition * next.step.moves.length;
  }
}
