// Converts limits to Grafana thresholds, and texts of values to value mappings.

import {
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type Threshold,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { readDefaultPolicy } from '../../core/policy/policy.ts';

/** Limits of a value; colours only supplement the number. */
export interface Limits {
  worse: 'above' | 'below';
  warn: number;
  bad?: number;
  /** For a count with an optimum: bad again from here on. */
  tooMany?: number;
}

/** Text and colour by number. */
export type Texts = Readonly<Record<number, { text: string; color: string }>>;

/** Without limits a single step, because Grafana's default would colour everything above 80 red. */
export function thresholds(limits: Limits | undefined): ThresholdsConfigBuilder {
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(stepsOf(limits));
}

function stepsOf(limits: Limits | undefined): Threshold[] {
  if (limits === undefined) return [{ value: null, color: 'text' }];
  const { worse, warn, bad, tooMany } = limits;
  const above = tooMany === undefined ? [] : [{ value: tooMany, color: 'red' }];
  if (worse === 'above') {
    return [
      { value: null, color: 'green' },
      { value: warn, color: 'orange' },
      ...(bad === undefined ? [] : [{ value: bad, color: 'red' }]),
    ];
  }
  if (bad === undefined) {
    return [{ value: null, color: 'orange' }, { value: warn, color: 'green' }, ...above];
  }
  return [{ value: null, color: 'red' }, { value: bad, color: 'orange' }, { value: warn, color: 'green' }, ...above];
}

export function mappings(texts: Texts): ValueMapping[] {
  const options = Object.fromEntries(
    Object.entries(texts).map(([value, { text, color }], index) => [value, { text, color, index }]),
  );
  return [{ type: MappingType.ValueToText, options }];
}

/** Gap between two bands of a state timeline, and in its legend. */
export const gap: ValueMapping = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text: 'no data', color: 'transparent', index: 100 } },
};

/** A missing value has a neutral colour. */
export const neutral = (text: string): ValueMapping => ({
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.NullAndNan, result: { text, color: 'text', index: 100 } },
});

const { limits, saturation, hottestCore, generator } = readDefaultPolicy();

/** Defines thresholds of panels that follow the policy. */
export const policyLimits = {
  link: { worse: 'above', warn: limits['network-out'].value, bad: saturation.network.value },
  cpu: { worse: 'above', warn: limits.cpu.value, bad: saturation.cpu.value },
  core: { worse: 'above', warn: hottestCore.value, bad: 0.95 },
  heap: { worse: 'above', warn: limits.heap.value, bad: 0.7 },
  requestHandlers: { worse: 'above', warn: limits['request-handlers'].value, bad: saturation.queue.value },
  networkThreads: { worse: 'above', warn: limits['network-threads'].value, bad: saturation.queue.value },
  eventLoop: { worse: 'above', warn: 0.6, bad: generator.eventLoopUtilisation.value },
} as const satisfies Record<string, Limits>;
