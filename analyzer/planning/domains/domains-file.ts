// Defines the file of business domains: their demand, target clusters and measurements, with units.

import { z } from 'zod';
import { brokerKinds } from '../../../core/cluster.ts';
import { criticalities, domainTraits, type Estimate, planModes } from '../../../core/documents/cluster-plan.ts';
import { Duration, Share, Size } from '../../../core/text/quantity.ts';
import { resourceNames } from '../../../core/resource.ts';

/**
 * A single figure is an estimate too: it becomes the middle of an interval with this relative width on both sides. Netflix's planner
 * requires low, mid and high of every input (service-capacity-modeling, Interval); 20% is Plimsoll's interpretation of
 * "about".
 */
export const statedSpread = 0.2;

export interface StatedEstimate extends Estimate {
  /** Only one figure was given, and the interval is the default. */
  widened: boolean;
}

function estimateOf<Schema extends z.ZodType<number>>(figure: Schema, what: string) {
  return z
    .union([figure, z.strictObject({ low: figure, mid: figure, high: figure })])
    .transform((written, context): StatedEstimate => {
      if (typeof written === 'number' && written > 0) {
        const { low, high } = { low: written * (1 - statedSpread), high: written * (1 + statedSpread) };
        return { low, mid: written, high, widened: true };
      }
      if (typeof written !== 'number') {
        const { low, mid, high } = written as Estimate;
        if (0 < low && low <= mid && mid <= high) return { low, mid, high, widened: false };
      }
      context.addIssue({ code: 'custom', message: 'low, mid and high are above 0 and in this order' });
      return z.NEVER;
    })
    .meta({ description: `${what}: one figure, or low, mid and high of an 80% interval` });
}

const Rate = z.number().positive().max(1e12);
export const TpsEstimate = estimateOf(Rate, 'messages a second');
export const RatioEstimate = estimateOf(z.number().positive().max(1000), 'a ratio, such as 1.3');
export const SizeEstimate = estimateOf(Size, 'a size, such as 500B');

export const GroupCount = z.number().int().nonnegative().max(1000);
export const CompressionRatio = z.number().min(1).max(100);

/** Number of consumers per message, and other properties that determine its bytes. */
export const consumerGroups = GroupCount.default(1).describe('consumer groups, each of which reads every message');
export const messageShape = {
  compressionRatio: CompressionRatio.optional().describe('uncompressed / compressed bytes'),
  messagesPerRequest: z.number().min(1).max(100_000).optional(),
  keyBytes: Size.optional(),
};

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
  averageTps: TpsEstimate.optional().describe('average over the retention time; default: the peak'),
  messageBytes: SizeEstimate.describe('body of a message, before compression'),
  consumerGroups,
  consumers: count(100_000).optional().describe('members of the largest group'),
  partitions: count(1_000_000).optional().describe('or queues, of all its topics today, copies not counted'),
  retention: Duration.describe('how long messages are kept, such as 3d'),
  growth: RatioEstimate.optional().describe('normal peak on the planned day / normal peak today, such as 1.3'),
  promotion: z
    .strictObject({
      multiplier: RatioEstimate.describe('peak of the promotion / normal peak'),
      days: z.number().positive().max(31).default(1),
    })
    .optional(),
  dayCurve: z
    .array(z.number().min(0).max(1))
    .length(24, 'give 24 values, one for each hour')
    .optional()
    .describe('load of each hour of the promotion day / its peak'),
  ...messageShape,
  order: z.enum(['none', 'key', 'global']).default('none'),
  loss: z.enum(['may-lose', 'acknowledged', 'never']).default('acknowledged'),
  latencyP99: Duration.optional().describe(
    'p99 from the intended send to the acknowledgement: the plan uses rates only up to the highest tested one that kept it',
  ),
});

const PlacementFields = z.strictObject({
  brokers: z.array(BrokerName).min(1).optional().describe('allowed brokers; without it rules and traits decide'),
  modes: z.array(z.enum(planModes)).min(1).optional(),
  replicas: count(7).optional().describe('all copies of a message, its first included'),
  zones: count(9).default(1),
  cluster: Name.optional().describe('domains that name the same cluster share it'),
  clusters: z
    .strictObject({ least: count(100).optional(), most: count(100).optional() })
    .optional()
    .describe('most clusters over which the domain may be split'),
  survives: z
    .enum(['none', 'broker', 'zone'])
    .optional()
    .describe('loss that the domain must survive at the peak; `survive` has the details'),
  survive: z
    .strictObject({
      brokers: z.number().int().nonnegative().max(5).optional(),
      zones: z.number().int().nonnegative().max(1).optional(),
      group: z.boolean().optional().describe('RocketMQ: a whole group of master and slaves'),
    })
    .optional(),
});

const PlacementSection = PlacementFields.refine(
  ({ zones, survives, survive }) => zones > 1 || (survive?.zones ?? Number(survives === 'zone')) === 0,
  {
    message: 'with one zone, nothing survives its loss: set zones to 2 or more, or survives to broker',
    path: ['zones'],
  },
);

/** A proposed plan to check. */
const Proposal = z.strictObject({
  broker: BrokerName,
  mode: z.enum(planModes),
  shape: z.string().min(1),
  masters: count(1000).describe('brokers that accept messages at the same time; on Kafka all'),
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
  proposed: Proposal.optional().describe('an own plan to compare with the computed one'),
});
export type DomainSection = z.output<typeof Domain>;

/** Measurement of a cluster with one host type: a verdict of `plimsoll analyze --json`, or a figure with its source. */
const Measurement = z
  .strictObject({
    broker: BrokerName,
    mode: z.enum(planModes),
    replicas: count(7),
    shape: z.string().min(1).describe('name in the catalogue'),
    masters: count(1000)
      .optional()
      .describe(
        'brokers that accept messages at the same time; on Kafka all. Default: as in the verdict; 1 of a stated figure',
      ),
    messageBytes: Size.optional().describe('of the run, if the verdict does not contain it'),
    compressionRatio: CompressionRatio.optional().describe(
      'uncompressed / compressed bytes of its messages, if the verdict does not contain it; default: not compressed',
    ),
    consumerGroups: GroupCount.optional().describe(
      'groups that read every message; default: as in the verdict, else 1',
    ),
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
  clusterBrokers: count(1000).optional().describe('most brokers that accept messages in one cluster (blast radius)'),
  clusterTps: z.number().positive().optional().describe('highest rate of one cluster, messages per second'),
  dailyShare: Share.optional().describe(
    'practitioners keep normal traffic below a third to a half of the measured maximum; off by default',
  ),
  headroom: z.number().min(0).max(10).optional().describe('additional reserve; 0.2 adds 20%'),
  skew: z.number().min(1).max(10).optional().describe('load of the busiest broker / mean'),
  rebuildWithin: Duration.optional(),
  catchUp: z
    .strictObject({ outage: Duration, within: Duration })
    .optional()
    .describe('time in which consumers catch up at the peak after an outage of this length'),
  residentSeconds: z.number().positive().optional().describe('writes that the page cache keeps for consumers'),
  nameServers: count(9).optional(),
  kafkaSegment: z
    .strictObject({ bytes: Size.optional(), time: Duration.optional() })
    .optional()
    .describe('`log.segment.bytes` and `log.roll.hours` of the Kafka brokers; default 1 GiB and 7 days'),
});

export const DomainsFile = z.strictObject({
  catalogue: z.string().min(1).optional().describe('file of hardware shapes, relative to this file; or --catalogue'),
  policy: PolicySection.prefault({}),
  measurements: z.array(Measurement).max(1000).default([]),
  domains: z.record(Name, Domain).refine((domains) => Object.keys(domains).length > 0, 'name at least one domain'),
});
export type DomainsFile = z.output<typeof DomainsFile>;
