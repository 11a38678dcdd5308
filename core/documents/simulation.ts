// Defines the contract of `plimsoll simulate --json`; docs/schema/simulation.schema.json is generated from it.

import { z } from 'zod';
import { ClusterPlan } from './cluster-plan.ts';
import { positiveCount } from './values.ts';

export const simulationSchemaVersion = 1;

export const scenarioNames = ['calm', 'broker-lost', 'zone-lost', 'rolling-restart', 'slow-group'] as const;
export type ScenarioName = (typeof scenarioNames)[number];

export const SimulationDocument = z.strictObject({
  schemaVersion: z.literal(simulationSchemaVersion),
  kind: z.literal('simulation'),
  world: z.enum(['low', 'mid', 'high']).describe('end of the interval of the plan that is used as the peak'),
  consumerSpeed: z.number().describe('maximum rate of a group, divided by the planned peak'),
  days: z.array(
    z.strictObject({
      cluster: z.string(),
      scenario: z.enum(scenarioNames),
      lostBrokers: positiveCount.optional().describe('broker-lost: brokers that are lost at the same time'),
      at: z.string().describe('HH:MM'),
      lastsSeconds: z.number(),
      promise: ClusterPlan.shape.promise.pick({ peakTps: true, safeTps: true, afterLossTps: true, survives: true }),
      verdict: z.enum(['kept', 'broken', 'not-promised']),
      broken: z.array(
        z.strictObject({
          code: z.string(),
          value: z.number(),
          limit: z.number(),
          unit: z.string(),
          message: z.string(),
        }),
      ),
      peakTps: z.number(),
      outsideSafeSeconds: z.number().describe('time in which a host was above a policy limit'),
      most: z
        .strictObject({
          loadOfSafe: z.number().describe('load of the busiest leader, divided by its safe maximum'),
          networkIn: z.number().describe('ratio of the card'),
          networkOut: z.number(),
          disk: z.number().optional().describe('ratio of disk throughput; absent if not measured'),
          diskUsed: z.number().describe('ratio of its size'),
          lagMessages: z.number().describe('of the group with the highest lag'),
          lagSeconds: z.number().describe('age of the oldest message that a group had not read'),
        })
        .describe('of the busiest host, at any time of the day'),
      minutesReadFromDisk: z.number().int(),
      messages: z.array(
        z.strictObject({
          domain: z.string(),
          offered: z.number(),
          accepted: z.number(),
          held: z.number().describe('by producers, when the day ends'),
          failed: z.number().describe('messages that no broker accepted in time'),
        }),
      ),
      groups: z.array(
        z.strictObject({
          name: z.string(),
          consumed: z.number(),
          lag: z.number().describe('when the day ends'),
          lost: z.number().describe('deleted before they were read'),
          mostLag: z.number(),
          caughtUpAt: z
            .string()
            .optional()
            .describe('HH:MM of the minute in which its last lag was gone; absent without lag, and where it lasts'),
        }),
      ),
      minutes: z
        .array(
          z.strictObject({
            time: z.string(),
            offeredTps: z.number(),
            acceptedTps: z.number(),
            lagMessages: z.number(),
            lagSeconds: z.number(),
            networkIn: z.number(),
            networkOut: z.number(),
            disk: z.number().optional(),
            diskUsed: z.number(),
            readFromDisk: z.boolean(),
            outsideSafeSeconds: z.number(),
          }),
        )
        .optional()
        .describe('present if one cluster and one scenario were requested'),
    }),
  ),
});
export type SimulationDocument = z.infer<typeof SimulationDocument>;
