// How many workers give a throughput, or a latency? The law read backwards, or why it never gets there.

import {
  concurrencyAtLatency,
  concurrencyAtThroughput,
  latencyAt,
  peakOf,
  type ScalingLaw,
} from '../../analyzer/verdict/fit/laws/scaling-law.ts';
import { durationText, quantityText } from '../../core/text/limit-text.ts';
import { AppError } from '../../core/errors.ts';
import { Duration } from '../../core/text/quantity.ts';
import type { CommandIo } from '../command.ts';
import { numberOption } from '../number-option.ts';

export type Asked = { throughput: number } | { seconds: number };

export interface Inverse {
  asked: Asked;
  /** Absent where the law never reaches what was asked. */
  concurrency?: number;
  /** So far beyond the last step that no law is to be believed. */
  isExtrapolated: boolean;
  /** Words for what it reaches instead. */
  atMost: string;
}

/** @throws AppError usage */
export function askedInverse(options: CommandIo['options']): Asked | undefined {
  const seconds = options['at-latency'];
  if (options['at-throughput'] !== undefined && seconds !== undefined) {
    throw new AppError('usage', '--at-throughput and --at-latency do not go together', {
      hint: 'ask for one at a time',
    });
  }
  if (typeof seconds === 'string') return { seconds: positive(secondsOf(seconds), 'at-latency') };
  const throughput = numberOption(options, 'at-throughput');
  return throughput === undefined ? undefined : { throughput: positive(throughput, 'at-throughput') };
}

function secondsOf(text: string): number {
  if (/^[\d.]+(e-?\d+)?$/i.test(text) && Number.isFinite(Number(text))) return Number(text);
  const { data, error } = Duration.safeParse(text);
  if (data !== undefined) return data;
  throw new AppError('usage', `--at-latency: ${error?.issues[0]?.message ?? 'is not understood'}`, {
    hint: 'seconds, such as 0.0016, or a duration such as 1.6ms',
  });
}

function positive(value: number, name: string): number {
  if (value > 0) return value;
  throw new AppError('usage', `--${name}: ${value} is not above 0`);
}

/** Fits to the first half of published scaling data missed the later peak by −34 % to +30 %: a claim beyond it is flagged. */
const furthest = 1.5;

/** @param most highest concurrency that was tested */
export function inverseOf(law: ScalingLaw, asked: Asked, most: number): Inverse {
  const isFar = (concurrency: number | undefined) => concurrency !== undefined && concurrency > furthest * most;
  if ('throughput' in asked) {
    const concurrency = concurrencyAtThroughput(law, asked.throughput);
    const highest = peakOf(law)?.throughput ?? (law.sigma > 0 ? law.lambda / law.sigma : Number.POSITIVE_INFINITY);
    return {
      asked,
      ...(concurrency !== undefined && { concurrency }),
      isExtrapolated: isFar(concurrency),
      atMost: `the law stays below ${quantityText(highest)}/s`,
    };
  }
  const concurrency = concurrencyAtLatency(law, asked.seconds);
  const one = latencyAt(law, 1);
  const grows = law.sigma > 0 || law.kappa > 0;
  return {
    asked,
    ...(concurrency !== undefined && { concurrency }),
    isExtrapolated: isFar(concurrency),
    atMost: grows
      ? `one worker waits ${durationText(one)} already`
      : `latency stays ${durationText(one)} however many there are`,
  };
}
