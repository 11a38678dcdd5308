// Computes the concurrency for a throughput or a latency, or why there is none.

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

export type Inverse = ReturnType<typeof inverseOf>;

/** Fits to the first half of published scaling data missed the later peak by −34% to +30%, so extrapolation beyond this factor is flagged. */
const furthest = 1.5;

/** @param most highest tested concurrency */
export function inverseOf(law: ScalingLaw, question: InverseQuestion, most: number) {
  const concurrency =
    'throughput' in question
      ? concurrencyAtThroughput(law, question.throughput)
      : concurrencyAtLatency(law, question.seconds);
  return {
    question,
    /** Absent if the law never reaches the requested value. */
    ...(concurrency !== undefined && { concurrency }),
    /** Whether it is so far beyond the last step that the law is unreliable. */
    isExtrapolated: concurrency !== undefined && concurrency > furthest * most,
    /** Text with the extreme value that the law does reach. */
    atMost: 'throughput' in question ? mostThroughput(law) : leastLatency(law),
  };
}

function mostThroughput(law: ScalingLaw): string {
  const highest = peakOf(law)?.throughput ?? (law.sigma > 0 ? law.lambda / law.sigma : Number.POSITIVE_INFINITY);
  return `the law stays below ${quantityText(highest)}/s`;
}

function leastLatency(law: ScalingLaw): string {
  const one = durationText(latencyAt(law, 1));
  const grows = law.sigma > 0 || law.kappa > 0;
  return grows ? `one worker waits ${one} already` : `latency stays ${one} at any concurrency`;
}
