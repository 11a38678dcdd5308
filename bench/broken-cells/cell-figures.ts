// Defines the predicted and measured figures of a cell, and grades predictions against measurements.

import { z } from 'zod';

/** Figures over a whole cell: from the kill until the cluster is as before. */
export const CellFigures = z.strictObject({
  domains: z.array(z.strictObject({ domain: z.string(), failedMessages: z.number(), mostLagMessages: z.number() })),
  /** Lag of the slowest group. */
  mostLagMessages: z.number(),
  /** Seconds in addition to those that the load causes without the failure. */
  outsideSafeSeconds: z.number(),
  /** Time from the failure until lag, waiting messages and network use are as before; absent if that did not happen. */
  normalAfterSeconds: z.number().optional(),
  /** Longest time without an acknowledged message: of a partition in Kafka, of a topic in RocketMQ. */
  quietSeconds: z.number(),
  /** Maximum of messages that producers held. */
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

/** A group with less lag counts as up to date: messages in transit, and figures with a resolution of one second. */
export const lagSeconds = 2;
/** Tolerance for seconds counted too much by a five-second mean. */
const fewSeconds = 5;
const factor = 2;

/**
 * @param domainTps messages per second of each domain
 * @returns whether each prediction was right: domains with refused messages or a lagging group, outside the safe range
 * or not, maximum lag and recovery time within a factor of 2
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

/** Two figures that are both smaller than `least` count as equal. */
function isNear(one: number, other: number, least: number): boolean {
  if (one === other || (one < least && other < least)) return true;
  const ratio = one / other;
  return ratio <= factor && ratio >= 1 / factor;
}
