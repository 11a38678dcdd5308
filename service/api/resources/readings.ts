// Returns the recorded readings of a cluster: points of the last 1, 6 or 24 hours.

import { z } from 'zod';
import { readingsLevels, readingsRanges } from '../../../core/readings-range.ts';
import { figures, parts as ofParts } from '../../readings/figures.ts';
import type { Point } from '../../readings/ring.ts';
import { operation, schemaVersion } from '../operation.ts';
import { clusterNamed, clusterParameter, NameParameter } from './cluster-parameter.ts';

const value = z.number().nonnegative();

const Run = z.strictObject({
  from: z.iso.datetime().describe('start of its first slot'),
  mean: z.array(value).min(1).describe('length of each slot'),
  max: z.array(value).min(1).describe('highest reading of each slot'),
});

const Series = z.strictObject({
  of: z.enum(ofParts),
  name: z.string().optional().describe('broker id, consumer group or topic; absent for the cluster'),
  figure: z.string().describe('name ends in the unit: Tps is messages per second, Ratio is 0 to 1'),
  runs: z.array(Run).describe('consecutive slots; values between two runs are unknown'),
});

export const readings = operation({
  path: '/clusters/{cluster}/readings',
  id: 'getReadings',
  summary: 'Readings of the last hours: rates, resource use of brokers, and consumer lag.',
  parameters: clusterParameter,
  query: {
    range: z.enum(readingsRanges).default('1h').describe('time range until now; slots of 15 s, 1 min and 5 min'),
    of: z.enum(ofParts).default('cluster').describe('scope of the series'),
    name: NameParameter.optional().describe('one broker, consumer group or topic; default: all recorded ones'),
  },
  answer: z.strictObject({
    schemaVersion: z.literal(1),
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    slotSeconds: z.number().positive(),
    series: z.array(Series),
    leftOut: z.number().int().nonnegative().describe('number of brokers, groups or topics without recorded readings'),
  }),
  madeOf: 'moment',
  faults: ['not-found'],

  answerTo({ path, query: { range, of, name } }, { readings: recorded, clock, ...parts }) {
    const kept = recorded.of(clusterNamed(path.cluster, parts).name);
    const { slotMs, slots } = readingsLevels[range];
    const nowMs = clock.now().getTime();
    const names = kept?.names(of).filter((each) => name === undefined || each === name) ?? [];
    return {
      schemaVersion,
      from: new Date((Math.floor(nowMs / slotMs) - slots + 1) * slotMs).toISOString(),
      to: new Date(nowMs).toISOString(),
      slotSeconds: slotMs / 1000,
      series: names.flatMap((each) =>
        figures[of].flatMap((figure) => {
          const points = kept?.points({ of, name: each, figure }, range, nowMs) ?? [];
          if (points.length === 0) return [];
          return [{ of, ...(each !== '' && { name: each }), figure, runs: runsOf(points, slotMs) }];
        }),
      ),
      leftOut: kept?.leftOut[of] ?? 0,
    };
  },
});

function runsOf(points: readonly Point[], slotMs: number): z.input<typeof Run>[] {
  const runs: { from: string; mean: number[]; max: number[]; nextMs: number }[] = [];
  for (const { atMs, mean, max } of points) {
    let run = runs.at(-1);
    if (run?.nextMs !== atMs)
      runs.push((run = { from: new Date(atMs).toISOString(), mean: [], max: [], nextMs: atMs }));
    run.mean.push(rounded(mean));
    run.max.push(rounded(max));
    run.nextMs += slotMs;
  }
  return runs.map(({ from, mean, max }) => ({ from, mean, max }));
}

/** Rounded, because values are stored with a precision of 0.04%. */
const rounded = (exact: number) => Number(exact.toPrecision(4));
