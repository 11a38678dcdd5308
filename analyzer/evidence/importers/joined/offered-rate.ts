// Derives the target rate: as stated, otherwise from a name that matches the figures, otherwise from the steady rate of a throttle.

import type { ImportedLoad } from '../load-tests/load-test-importer.ts';
import { percentText } from '../../../../core/text/quantity-text.ts';
import type { Pair } from '../../../../core/text/bilingual.ts';
import { median } from '../../../../core/statistics/statistics.ts';

interface OfferedRate {
  tps: number;
  /** Absent if the rate is stated. */
  inferredFrom?: Pair;
}

/** A name with a larger difference belongs to another test, or to one that missed its target. */
export const nameTolerance = 0.05;

/** Half of the samples of a throttled client are this close to its rate; an unthrottled one varies more. */
const heldSpread = 0.01;

/** Target rates are round numbers: the mean is this close to a number of two digits. */
const roundTolerance = 0.0025;

/** Fewer samples do not show a constant rate. */
export const fewestSamples = 4;

/** A quarter of Kafka's buffer.memory: a client with fewer bytes in flight did not wait for buffer space. */
const mostUnderWay = 8 * 2 ** 20;

export function offeredRate(
  load: ImportedLoad,
  rates: readonly number[],
  meanTps: number,
  stated: number | undefined,
): OfferedRate | undefined {
  if (stated !== undefined) return { tps: stated };
  if (load.closedLoop) return undefined;
  if (load.offered === undefined) return heldRate(load, rates, meanTps);
  const { tps, fromName } = load.offered;
  if (fromName === undefined) return { tps };
  return Math.abs(meanTps / tps - 1) <= nameTolerance ? { tps, inferredFrom: nameText(fromName) } : undefined;
}

export const nameText = (name: string): Pair => [`the name ${JSON.stringify(name)}`, `名称 ${JSON.stringify(name)}`];

function heldRate(
  { latencyMeanSeconds, workload: { messageBytes } }: ImportedLoad,
  rates: readonly number[],
  meanTps: number,
): OfferedRate | undefined {
  if (rates.length < fewestSamples || !(meanTps > 0)) return undefined;
  const middle = median(rates);
  const spread = median(rates.map((rate) => Math.abs(rate - middle))) / middle;
  const underWay = (latencyMeanSeconds ?? 0) * meanTps * (messageBytes ?? 1024);
  const round = roundest(meanTps);
  if (spread > heldSpread || underWay > mostUnderWay || Math.abs(meanTps / round - 1) > roundTolerance)
    return undefined;
  return {
    tps: round,
    inferredFrom: [
      `its samples: half of them are within ${percentText(spread)} of one rate, and that is a round number`,
      `一半采样与同一速率相差不超过 ${percentText(spread)}，且该速率为整数`,
    ],
  };
}

function roundest(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}
