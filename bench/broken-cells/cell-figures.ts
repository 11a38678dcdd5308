// Defines the figures of a broken cell that are predicted and measured alike, and grades one by the other.

import { z } from 'zod';

/** Of a whole cell: from the kill until the cluster is as before. */
export const CellFigures = z.strictObject({
  domains: z.array(z.strictObject({ domain: z.string(), failedMessages: z.number(), mostLagMessages: z.number() })),
  /** Of the group furthest behind. */
  mostLagMessages: z.number(),
  /** Beyond those of the load without the failure. */
  outsideSafeSeconds: z.number(),
  /** From the failure until lag, waiting messages and cards are as before; absent while they were not. */
  normalAfterSeconds: z.number().optional(),
  /** Without an acknowledged message: of a partition on Kafka, of a topic on RocketMQ. */
  quietSeconds: z.number(),
  /** Messages that producers held at one time. */
  mostHeldMessages: z.number(),
});
export type CellFigures = z.infer<typeof CellFigures>;

export const CellGrade = z.strictObject({
  affected: z.boolean(),
  outsideSafe: z.boolean(),
  lag: z.boolean(),
  recovery: z.boolean(),
});
export type CellGrade = z.infer<typeof CellGrade>;

/** A group that lags by less is up to date: messages on their way, and figures of one second. */
export const lagSeconds = 2;
/** A second too many of a mean over five is none. */
const fewSeconds = 5;
const factor = 2;

/**
 * @param domainTps messages a second of each domain
 * @returns whether each prediction was right: domains with refused messages or a group behind, outside the safe range or not,
 *   most lag and time to recover within a factor of 2
 */
export function gradeCell(
  predicted: CellFigures,
  measured: CellFigures,
  domainTps: Readonly<Record<string, number>>,
): CellGrade {
  const least = lagSeconds * Math.min(...Object.values(domainTps));
  return {
    affected: affectedDomains(predicted, domainTps).join() === affectedDomains(measured, domainTps).join(),
    outsideSafe: isOutside(predicted) === isOutside(measured),
    lag: isNear(predicted.mostLagMessages, measured.mostLagMessages, least),
    recovery: isNear(predicted.normalAfterSeconds ?? Infinity, measured.normalAfterSeconds ?? Infinity, fewSeconds),
  };
}

export const affectedDomains = ({ domains }: CellFigures, domainTps: Readonly<Record<string, number>>): string[] =>
  domains
    .filter(
      ({ domain, failedMessages, mostLagMessages }) =>
        failedMessages >= 1 || mostLagMessages >= lagSeconds * (domainTps[domain] ?? 0),
    )
    .map(({ domain }) => domain)
    .toSorted();

export const isOutside = ({ outsideSafeSeconds }: CellFigures): boolean => outsideSafeSeconds > fewSeconds;

/** Two figures that are both smaller than `least` are alike. */
function isNear(one: number, other: number, least: number): boolean {
  if (one === other || (one < least && other < least)) return true;
  const ratio = one / other;
  return ratio <= factor && ratio >= 1 / factor;
}
