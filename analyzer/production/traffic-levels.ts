// Groups the blocks of a period into at most a dozen levels of traffic, with the use of each resource at each.

import type { Use } from '../verdict/limits/resources/model.ts';
import type { TrafficInterval } from '../evidence/sources/telemetry.ts';
import { leastSquares } from '../../core/statistics/regression.ts';
import type { ResourceUse } from '../verdict/limits/resource-use.ts';
import { mean, median, quantile } from '../../core/statistics/statistics.ts';
import type { JudgedStep } from '../verdict/steps/step-verdict.ts';
import { followsLoad } from './regimes.ts';
import { type Block, type Period, stepOf } from './blocks.ts';
import { robustLine } from './robust-line.ts';

const mostLevels = 12;
const blocksALevel = 3;
/** Relative variation within which message sizes count as constant. */
const leastSizeSpread = 0.03;

/**
 * Moves each sample along its line to the mean traffic of its level and, if message sizes changed, to the size of the
 * upper quarter of the traffic, so that the p99 reflects the remaining variation, not traffic that rises within the level.
 *
 * @returns `referenceBytes`: message size to which use is normalised, if sizes changed
 */
export function levelsOf({ blocks, places, uses }: Period, traffic: readonly TrafficInterval[]) {
  const sorted = places.toSorted((a, b) => (blocks[a] as Block).tps - (blocks[b] as Block).tps);
  const count = Math.max(1, Math.min(mostLevels, Math.floor(sorted.length / blocksALevel)));
  const groups = Array.from({ length: count }, (_, level) =>
    sorted.slice(Math.round((level * sorted.length) / count), Math.round(((level + 1) * sorted.length) / count)),
  );
  const referenceBytes = referenceBytesOf(places.map((place) => blocks[place] as Block));
  let from = 0;
  const steps = groups.map((group, index): JudgedStep => {
    const own = group.map((place) => blocks[place] as Block);
    const seconds = own.reduce((sum, { window }) => sum + window.to - window.from, 0);
    const requests = own.flatMap(({ requestsPerSecond }) => requestsPerSecond ?? []);
    const level = {
      window: { from, to: from + seconds },
      tps: mean(own.map(({ tps }) => tps)),
      ...(requests.length === own.length && { requestsPerSecond: mean(requests) }),
    };
    from += seconds;
    return { step: stepOf(level, index), verdict: { kind: 'sustained' }, laggingGroups: [], findings: [] };
  });
  return {
    steps,
    uses: uses.map((use) => ({
      ...use,
      uses: movedUses(use, { blocks, groups, steps, traffic, referenceBytes, places }),
    })),
    referenceBytes,
  };
}

interface Grouped extends Omit<Period, 'uses'> {
  groups: readonly (readonly number[])[];
  steps: readonly JudgedStep[];
  traffic: readonly TrafficInterval[];
  referenceBytes: number | undefined;
}

function movedUses(use: ResourceUse, { blocks, places, groups, steps, traffic, referenceBytes }: Grouped): Use[] {
  const { perMessage, perByte } = costsOf(use, blocks, places, referenceBytes);
  return groups.map((group, index): Use => {
    const { tps } = (steps[index] as JudgedStep).step;
    const moments: number[] = [];
    const values: number[] = [];
    let offset = 0;
    for (const place of group) {
      const { window, tps: ofBlock, bytesPerMessage } = blocks[place] as Block;
      const own = use.uses[place];
      const series = own?.series;
      for (const [k, value] of (series?.values ?? []).entries()) {
        const moment = series?.moments[k] as number;
        const rate = rateAt(traffic, window.from + moment) ?? ofBlock;
        const bytes =
          perByte === 0 ? 0 : perByte * ((referenceBytes as number) * tps - (bytesPerMessage as number) * rate);
        moments.push(offset + moment);
        values.push(Math.max(0, value + perMessage * (tps - rate) + bytes));
      }
      offset += window.to - window.from;
    }
    if (values.length === 0) return undefined;
    return { mean: mean(values), p99: quantile(values, 0.99), samples: values.length, series: { moments, values } };
  });
}

/** @returns the produced messages per second at a moment; undefined in a gap */
function rateAt(traffic: readonly TrafficInterval[], moment: number): number | undefined {
  let [low, high] = [0, traffic.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const interval = traffic[middle] as TrafficInterval;
    if (moment < interval.from) high = middle - 1;
    else if (moment >= interval.to) low = middle + 1;
    else return interval.messagesPerSecond;
  }
  return undefined;
}

/** @returns use per message and per byte; the latter is 0 if sizes did not change, or cannot be separated from messages */
function costsOf(
  { resource, uses }: ResourceUse,
  blocks: readonly Block[],
  places: readonly number[],
  referenceBytes: number | undefined,
): { perMessage: number; perByte: number } {
  if (!followsLoad({ resource })) return { perMessage: 0, perByte: 0 };
  const points = places.flatMap((place) => {
    const { tps, bytesPerMessage } = blocks[place] as Block;
    const use = uses[place];
    return use === undefined ? [] : [{ x: tps, y: use.mean, bytes: tps * (bytesPerMessage ?? 0) }];
  });
  const line = robustLine(points);
  if (referenceBytes !== undefined) {
    // Removes blocks far from the plane, which are storms.
    let kept = points;
    for (let round = 0; round < 2; round += 1) {
      const plane = leastSquares(
        kept.map(({ y }) => y),
        [kept.map(({ x }) => x), kept.map(({ bytes }) => bytes)],
      );
      if (plane === undefined) break;
      const [intercept = 0, perMessage = 0, perByte = 0] = plane.coefficients;
      if (round === 1) {
        if (perByte > 0 && perMessage > -0.2 * perByte * referenceBytes) return { perMessage, perByte };
        break;
      }
      const off = ({ x, y, bytes }: (typeof points)[number]) =>
        Math.abs(y - intercept - perMessage * x - perByte * bytes);
      const scale = median(kept.map(off));
      kept = points.filter((point) => off(point) <= 6 * scale);
    }
  }
  return { perMessage: Math.max(0, line?.slope ?? 0), perByte: 0 };
}

function referenceBytesOf(blocks: readonly Block[]): number | undefined {
  const sizes = blocks.flatMap(({ bytesPerMessage }) => bytesPerMessage ?? []);
  if (sizes.length < blocks.length || sizes.length === 0) return undefined;
  const middle = median(sizes);
  const spread = quantile(sizes, 0.95) - quantile(sizes, 0.05);
  if (spread <= leastSizeSpread * middle) return undefined;
  const from = quantile(
    blocks.map(({ tps }) => tps),
    0.75,
  );
  const high = blocks.filter(({ tps }) => tps >= from);
  const messages = high.reduce((sum, { tps }) => sum + tps, 0);
  return high.reduce((sum, { tps, bytesPerMessage }) => sum + tps * (bytesPerMessage ?? 0), 0) / messages;
}
