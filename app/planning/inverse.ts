// Computes the concurrency that gives a throughput or a latency, or why none does.

import {
  concurrencyAtLatency,
  concurrencyAtThroughput,
  latencyAt,
  peakOf,
  type ScalingLaw,
} from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import { durationText } from '../../core/text/duration-text.ts';
import { quantityText } from '../../core/text/quantity-text.ts';

export type InverseQuestion = { throughput: number } | { seconds: number };

export interface Inverse {
  question: InverseQuestion;
  /** Absent where the law never reaches the requested value. */
  concurrency?: number;
  /** So far beyond the last step that the law is unreliable. */
  isExtrapolated: boolean;
  /** Text for what it reaches instead. */
  atMost: string;
}

/** Fits to the first half of published scaling data missed the later peak by −34% to +30%: a claim beyond it is flagged. */
const furthest = 1.5;

/** @param most highest concurrency that was tested */
export function inverseOf(law: ScalingLaw, question: InverseQuestion, most: number): Inverse {
  const isFar = (concurrency: number | undefined) => concurrency !== undefined && concurrency > furthest * most;
  if ('throughput' in question) {
    const concurrency = concurrencyAtThroughput(law, question.throughput);
    const highest = peakOf(law)?.throughput ?? (law.sigma > 0 ? law.lambda / law.sigma : Number.POSITIVE_INFINITY);
    return {
      question,
      ...(concurrency !== undefined && { concurrency }),
      isExtrapolated: isFar(concurrency),
      atMost: `the law stays below ${quantityText(highest)}/s`,
    };
  }
  const concurrency = concurrencyAtLatency(law, question.seconds);
  const one = latencyAt(law, 1);
  const grows = law.sigma > 0 || law.kappa > 0;
  return {
    question,
    ...(concurrency !== undefined && { concurrency }),
    isExtrapolated: isFar(concurrency),
    atMost: grows
      ? `one worker waits ${durationText(one)} already`
      : `latency stays ${durationText(one)} at any concurrency`,
  };
}
