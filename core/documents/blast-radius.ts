// Defines the contract of `plimsoll blast-radius --json`; docs/schema/blast-radius.schema.json is generated from it.

import { z } from 'zod';

export const blastRadiusSchemaVersion = 1;

/** From mild to severe; each may include the milder ones. */
export const cellEffects = ['none', 'delayed', 'lag', 'outside-safe', 'refused'] as const;
export type CellEffect = (typeof cellEffects)[number];

export const FailureCell = z.strictObject({
  hour: z.number().int().min(0).max(23),
  at: z.string().describe('HH:MM, busiest minute of the hour'),
  offeredTps: z.number(),
  effect: z
    .enum(cellEffects)
    .describe(
      'most severe of: messages wait for a new leader or go to other brokers, a group lags, a broker above policy, messages refused or lost',
    ),
  outsideSafeSeconds: z.number().describe('beyond the values of a day without the failure'),
  failedMessages: z.number().describe('messages that no broker accepted in time'),
  lostMessages: z.number().describe('deleted before a group read them'),
  electionSeconds: z
    .number()
    .describe('time in which sends to lost leaders wait for new leaders; 0 if none is elected'),
  mostHeldMessages: z.number().describe('messages buffered by producers while no broker accepts them'),
  mostLagMessages: z.number().describe('of the group with the highest lag'),
  mostLagSeconds: z.number().describe('age of the oldest message that a group had not read'),
  normalAfterSeconds: z
    .number()
    .optional()
    .describe('from the failure until all values equal those of a day without it; absent if not within 23 hours'),
  domains: z
    .array(z.strictObject({ domain: z.string(), failedMessages: z.number(), mostLagMessages: z.number() }))
    .describe('with refused messages or a lagging group'),
});
export type FailureCell = z.infer<typeof FailureCell>;

export const BlastRadiusDocument = z.strictObject({
  schemaVersion: z.literal(blastRadiusSchemaVersion),
  kind: z.literal('blast-radius'),
  world: z.enum(['low', 'mid', 'high']).describe('end of the interval of the plan that is used as the peak'),
  consumerSpeed: z.number().describe('maximum rate of a group, divided by the planned peak'),
  lastsSeconds: z.number().describe('how long each failure lasts'),
  clusters: z.array(
    z.strictObject({
      cluster: z.string(),
      failures: z.array(
        z.strictObject({
          kind: z.enum(['host', 'zone']),
          name: z.string().describe('the host or zone that was simulated'),
          alike: z.array(z.string()).describe('hosts with the same effect, the simulated one first'),
          isPromised: z.boolean().describe('whether the plan states to survive it'),
          isBroken: z
            .boolean()
            .describe(
              'the plan states to survive it, but in some hour messages are refused or a broker is above policy for long',
            ),
          hours: z.array(FailureCell).length(24),
        }),
      ),
      notSimulated: z
        .array(
          z.strictObject({
            kind: z.enum(['name-server', 'controller']),
            hosts: z.array(z.string()),
            left: z.number().int().describe('instances left after losing one'),
            effect: z
              .enum(['none-while-others-serve', 'no-new-routes', 'no-elections'])
              .describe(
                'messages flow in each case; without routes, clients do not find moved topics; without a majority, no leader is elected',
              ),
          }),
        )
        .describe('losses without a direct effect on sends'),
    }),
  ),
});
export type BlastRadiusDocument = z.infer<typeof BlastRadiusDocument>;
export type BlastRadius = BlastRadiusDocument['clusters'][number];

/** Predicted cells that were then reproduced in a lab with kill -9, and how many predictions were right: docs/evidence/blast-radius.md. */
export const gradedCells = {
  day: '2026-11-23',
  cells: 12,
  affected: 9,
  outsideSafe: 12,
  lag: 11,
  recovery: 12,
} as const;

/** Letters, so that the map of hours is readable without colour. */
export const effectMarks: Readonly<Record<CellEffect, string>> = {
  none: '·',
  delayed: 'd',
  lag: 'l',
  'outside-safe': 'O',
  refused: 'X',
};

/** Whether any hour has an effect beyond an election. */
export const isFelt = ({ hours }: BlastRadius['failures'][number]): boolean =>
  hours.some(({ effect }) => effect !== 'none' && effect !== 'delayed');

/** The most severe effect, then its largest cost. */
const gravityOf = (cell: FailureCell): readonly number[] => [
  cellEffects.indexOf(cell.effect),
  cell.failedMessages + cell.lostMessages,
  cell.outsideSafeSeconds,
  cell.mostLagSeconds,
  cell.mostHeldMessages,
  cell.offeredTps,
];

/** @returns below 0 if the first is worse */
export function compareCells(one: FailureCell, other: FailureCell): number {
  const [a, b] = [gravityOf(one), gravityOf(other)];
  const differs = a.findIndex((value, place) => value !== b[place]);
  return differs < 0 ? 0 : (b[differs] ?? 0) - (a[differs] ?? 0);
}

/** @returns below 0 if the first is worse; failures that the plan claims to survive and does not are first */
export const compareFailures = (one: WorstFailure, other: WorstFailure): number =>
  Number(other.isBroken) - Number(one.isBroken) || compareCells(one.worst, other.worst);

interface WorstFailure {
  isBroken: boolean;
  worst: FailureCell;
}

export const worstCell = (cells: readonly FailureCell[]): FailureCell | undefined => cells.toSorted(compareCells)[0];
