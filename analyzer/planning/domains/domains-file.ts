// Defines the file of business domains: their demand, their target clusters and measurements of these.

import { z } from 'zod';
import { brokerKinds } from '../../../core/cluster.ts';
import { criticalities, domainTraits, planModes } from '../../../core/documents/cluster-plan.ts';
import { Duration, Share, Size } from '../../../core/text/quantity.ts';
import { resourceNames } from '../../../core/resource.ts';
import { RatioEstimate, SizeEstimate, TpsEstimate } from './quantities.ts';

const Name = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/,
    'a name is 1 to 40 small letters, digits and hyphens: hosts are named after it',
  );
const count = (most: number) => z.number().int().positive().max(most);
const BrokerName = z.enum(brokerKinds);

const DemandSection = z.strictObject({
  peakTps: TpsEstimate.describe('messages a second of the busiest hour of a usual day, today'),
  averageTps: TpsEstimate.optional().describe('over the days that messages are kept; without it the peak is taken'),
  messageBytes: SizeEstimate.describe('body of a message, before compression'),
  consumerGroups: z.number().int().nonnegative().max(1000).default(1).describe('groups that each read every message'),
  consumers: count(100_000).optional().describe('members of the largest group'),
  partitions: count(1_000_000).optional().describe('or queues, of all its topics today, copies not counted'),
  retention: Duration.describe('how long messages are kept, such as 3d'),
  growth: RatioEstimate.optional().describe('usual peak on the day planned for over that of today, such as 1.3'),
  promotion: z
    .strictObject({
      multiplier: RatioEstimate.describe('peak of the promotion over the usual peak'),
      days: z.number().positive().max(31).default(1),
    })
    .optional(),
  dayCurve: z
    .array(z.number().min(0).max(1))
    .length(24, 'give 24 values, one for each hour')
    .optional()
    .describe('load of each hour of the promotion day over its peak'),
  compressionRatio: z.number().min(1).max(100).optional().describe('plain over packed'),
  messagesPerRequest: z.number().min(1).max(100_000).optional(),
  keyBytes: Size.optional(),
  order: z.enum(['none', 'key', 'global']).default('none'),
  loss: z.enum(['may-lose', 'acknowledged', 'never']).default('acknowledged'),
  latencyP99: Duration.optional().describe(
    'p99 from the intended send to the acknowledgement: the plan uses rates only up to the highest tested one that kept it',
  ),
});

const PlacementSection = z.strictObject({
  brokers: z.array(BrokerName).min(1).optional().describe('allowed brokers; without it rules and traits decide'),
  modes: z.array(z.enum(planModes)).min(1).optional(),
  replicas: count(7).optional().describe('all copies of a message, its first included'),
  zones: count(9).default(1),
  cluster: Name.optional().describe('domains that name the same cluster share it'),
  clusters: z
    .strictObject({ least: count(100).optional(), most: count(100).optional() })
    .optional()
    .describe('how many clusters the domain may be split over'),
  survives: z
    .enum(['none', 'broker', 'zone'])
    .optional()
    .describe('loss at the peak that the domain has to survive, in short; `survive` has the details'),
  survive: z
    .strictObject({
      brokers: z.number().int().nonnegative().max(5).optional(),
      zones: z.number().int().nonnegative().max(1).optional(),
      group: z.boolean().optional().describe('RocketMQ: a whole group of master and slaves'),
    })
    .optional(),
});

/** A proposed plan to check. */
const Proposal = z.strictObject({
  broker: BrokerName,
  mode: z.enum(planModes),
  shape: z.string().min(1),
  masters: count(1000).describe('brokers that take messages at one time; on Kafka all'),
  replicas: count(7),
  nameServers: z.number().int().nonnegative().max(99).optional(),
});
export type ProposalSection = z.output<typeof Proposal>;

const Domain = z.strictObject({
  owners: z.array(z.string().min(1).max(100)).max(20).default([]),
  traits: z.array(z.enum(domainTraits)).min(1).default(['general']),
  criticality: z.enum(criticalities).default('normal'),
  demand: DemandSection,
  placement: PlacementSection.prefault({}),
  proposed: Proposal.optional().describe('a plan to be judged beside the one that is made'),
});
export type DomainSection = z.output<typeof Domain>;

/** Measurement of a cluster of one shape: a verdict of `plimsoll analyze --json`, or a figure with its source. */
const Measurement = z
  .strictObject({
    broker: BrokerName,
    mode: z.enum(planModes),
    replicas: count(7),
    shape: z.string().min(1).describe('name in the catalogue'),
    masters: count(1000).default(1).describe('brokers that took messages at one time; on Kafka all'),
    messageBytes: Size.optional().describe('of the run, if the verdict does not contain it'),
    consumerGroups: z.number().int().nonnegative().max(1000).default(1),
    verdict: z.string().min(1).optional().describe('file that `plimsoll analyze --json` printed'),
    stated: z
      .strictObject({
        safeTps: z.number().positive().optional(),
        saturationTps: z.number().positive().optional(),
        limitedBy: z.enum(resourceNames),
        source: z.string().min(1),
      })
      .optional(),
  })
  .refine(({ verdict, stated }) => (verdict === undefined) !== (stated === undefined), {
    message: 'give either verdict, a file, or stated, a figure with its source',
  })
  .refine(({ stated }) => stated === undefined || stated.safeTps !== undefined || stated.saturationTps !== undefined, {
    message: 'stated has neither safeTps nor saturationTps',
    path: ['stated'],
  });
export type MeasurementSection = z.output<typeof Measurement>;

const PolicySection = z.strictObject({
  clusterBrokers: count(1000)
    .optional()
    .describe('the most brokers that take messages in one cluster: the blast radius'),
  clusterTps: z.number().positive().optional().describe('the most messages a second of one cluster'),
  dailyShare: Share.optional().describe(
    'practitioners keep usual traffic under a third to a half of the measured maximum; off unless given',
  ),
  headroom: z.number().min(0).max(10).optional().describe('reserve on top of everything else; 0.2 is a fifth more'),
  skew: z.number().min(1).max(10).optional().describe('busiest broker over the mean'),
  rebuildWithin: Duration.optional(),
  catchUp: z
    .strictObject({ outage: Duration, within: Duration })
    .optional()
    .describe('consumers that were down for this long catch up within that time, at the peak'),
  residentSeconds: z.number().positive().optional().describe('writes that the page cache keeps for consumers'),
  nameServers: count(9).optional(),
});

export const DomainsFile = z.strictObject({
  catalogue: z.string().min(1).optional().describe('file of hardware shapes, relative to this file; or --catalogue'),
  policy: PolicySection.prefault({}),
  measurements: z.array(Measurement).max(1000).default([]),
  domains: z.record(Name, Domain).refine((domains) => Object.keys(domains).length > 0, 'name at least one domain'),
});
export type DomainsFile = z.output<typeof DomainsFile>;
