// Derives the target rate: as stated, otherwise from a name that matches the figures, otherwise from the steady rate of a throttle.

import type { ImportedLoad } from '../load-tests/load-test-importer.ts';
import { percentText } from '../../../../core/text/quantity-text.ts';
import { median } from '../../../../core/statistics/statistics.ts';

interface OfferedRate {
  tps: number;
  source: string;
  isInferred: boolean;
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
  if (stated !== undefined) return { tps: stated, source: 'stated with --rate', isInferred: false };
  if (load.closedLoop) return undefined;
  if (load.offered && load.offered.isFromName !== true) return { ...load.offered, isInferred: false };
  if (load.offered && Math.abs(meanTps / load.offered.tps - 1) <= nameTolerance)
    return { ...load.offered, isInferred: true };
  if (load.offered) return undefined;
  return heldRate(load, rates, meanTps);
}

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
    source: `its own evenness: half of its samples lie within ${percentText(spread)} of one rate, and that is a round one`,
    isInferred: true,
  };
}

function roundest(value: number): number {
  const unit = 10 ** (Math.floor(Math.log10(value)) - 1);
  return Math.round(value / unit) * unit;
}
