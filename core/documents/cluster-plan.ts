// Defines the contract of `plimsoll size --json`: from business domains with their demand to clusters with their hosts.
// docs/schema/cluster-plan.schema.json is generated from it.

import { z } from 'zod';
import { brokerKinds, type BrokerKind } from '../cluster.ts';
import { Finding } from './analysis.ts';
import { resourceNames } from '../resource.ts';
import { modes } from '../wire/cluster-load.ts';
import { PlanAssumption } from './reasons/plan-assumptions.ts';
import { LossCase, RefusalCause, RejectionCause } from './reasons/rejection-reasons.ts';
import { ReserveFacts, reserveKinds } from './reasons/reserve-reasons.ts';
import { amount, count, positive, positiveCount, share } from './values.ts';

export const clusterPlanSchemaVersion = 1;

/** An uncertain figure: the median and an 80% interval. */
export const Estimate = z.strictObject({
  low: amount,
  mid: amount,
  high: amount,
});
export type Estimate = z.infer<typeof Estimate>;

export const domainTraits = ['core', 'logs', 'batch', 'delayed', 'large-messages', 'general'] as const;
export type DomainTrait = (typeof domainTraits)[number];
export const criticalities = ['critical', 'normal', 'best-effort'] as const;
export type Criticality = (typeof criticalities)[number];
export const planModes = Object.values(modes).flat();
export type PlanMode = (typeof planModes)[number];

/** Demand of a domain; rates count produced messages of the whole domain. */
export interface Demand {
  /** In the busiest hour of a usual day, today. */
  peakTps: Estimate;
  /** Mean over the retention time. */
  averageTps: Estimate;
  /** Body size before compression. */
  messageBytes: Estimate;
  /** Groups that each read every message. */
  consumerGroups: number;
  /** Members of the largest group, which needs at least as many partitions or queues. */
  consumers?: number;
  /** Partitions or queues of all its topics today, without copies. */
  partitions?: number;
  retentionSeconds: number;
  /** Peak on the planned day over the peak today, without the promotion. */
  growth: Estimate;
  /** Peak of the promotion over that of a usual day, and its duration; 1 without a promotion. */
  promotion: { multiplier: Estimate; days: number };
  /** Load of each hour of the promotion's day over its peak: 24 values up to 1. */
  dayCurve?: readonly number[];
  compressionRatio?: number;
  messagesPerRequest?: number;
  keyBytes?: number;
  order: 'none' | 'key' | 'global';
  loss: 'may-lose' | 'acknowledged' | 'never';
  latencyP99Seconds?: number;
}

/** Allowed setups of a domain's clusters, and the losses they must survive at the peak. */
interface Placement {
  brokers: readonly BrokerKind[];
  /** Cluster modes of those brokers; absent if the requirements decide. */
  modes?: readonly PlanMode[];
  /** All copies of a message, including the first. */
  replicas?: number;
  zones: number;
  /** Domains that name the same cluster share it. */
  cluster?: string;
  /** Number of clusters that the domain is divided over. */
  clusters: { least: number; most: number };
  survive: { brokers: number; zones: number; group: boolean };
}

export interface BusinessDomain {
  name: string;
  /** Contacts of the domain. */
  owners: readonly string[];
  traits: readonly DomainTrait[];
  criticality: Criticality;
  demand: Demand;
  placement: Placement;
}

/** An available host type. */
export const Shape = z.strictObject({
  name: z.string(),
  cores: positive,
  memoryBytes: positive,
  diskBytes: positive,
  diskWriteBytesPerSecond: positive.optional(),
  networkBitsPerSecond: positive,
  /** Largest number of partitions or queues, copies included, per broker. */
  partitions: positiveCount.optional(),
  pricePerMonth: amount.optional(),
});
export type Shape = z.infer<typeof Shape>;

const roles = ['broker', 'master', 'slave', 'member'] as const;
export const PlannedBroker = z.strictObject({
  host: z.string(),
  role: z.enum(roles).describe('a member of DLedger or of a controller group may lead or follow'),
  brokerId: count,
  group: z.string().optional().describe('RocketMQ: brokerName, which master and slaves share'),
  zone: z.string().optional(),
});
export type PlannedBroker = z.infer<typeof PlannedBroker>;

const Host = z.strictObject({ host: z.string(), zone: z.string().optional() });

/** Why a host type is rejected: an exhausted resource, or a violated rule. */
export const planLimits = [...resourceNames, 'messages', 'partitions', 'cluster-cap', 'zones', 'measurement'] as const;
export type PlanLimit = (typeof planLimits)[number];

export const Rejection = z.strictObject({
  shape: z.string(),
  broker: z.enum(brokerKinds),
  mode: z.enum(planModes),
  reason: z
    .enum(['too-small', 'dearer', 'riskier', 'not-measured', 'rule'])
    .describe('riskier: cheaper, but too small in so many simulations that its expected regret is higher'),
  resource: z.enum(planLimits),
  needed: z.number().optional().describe('of the resource, at the stated number of brokers'),
  available: z.number().optional(),
  unit: z.string().optional(),
  brokers: positiveCount.optional().describe('number that it would need'),
  cost: amount.optional().describe('in the unit of the document'),
  message: z.string(),
  cause: RejectionCause.describe('facts of the message'),
});
export type Rejection = z.infer<typeof Rejection>;

export const ReserveTable = z.strictObject({
  resource: z.enum(planLimits).describe('resource that decided the number of brokers'),
  base: z.strictObject({ value: z.number(), unit: z.string() }).describe("today's usual peak, in that resource"),
  installed: z.number().describe('capacity of the planned brokers, in the unit of base'),
  entries: z.array(
    z.strictObject({
      reserve: z.enum(reserveKinds),
      factor: positive,
      why: z.string(),
      facts: ReserveFacts.optional().describe('of why; absent where it has none'),
      cost: z
        .number()
        .optional()
        .describe('its part of the monthly cost of the plan, by the logarithm of the factor; absent without prices'),
    }),
  ),
  product: positive.describe('of all factors; base times product is what is installed'),
  baseCost: z.number().optional().describe('cost of the base: with the costs of the entries, the total'),
});
export type ReserveTable = z.infer<typeof ReserveTable>;

/** Per broker (RocketMQ: per master), at the planned peak, for the median. */
export const PlannedResource = z.strictObject({
  resource: z.enum(planLimits),
  unit: z.string(),
  atPeak: z.number(),
  afterLoss: z.number().describe('use after the worst loss that the plan covers, with rebuild and catch-up'),
  safe: z.number().describe('policy limit'),
  full: z.number(),
  source: z.string(),
});
export type PlannedResource = z.infer<typeof PlannedResource>;

const PlanPromise = z.strictObject({
  peakTps: Estimate.describe('planned for'),
  safeTps: Estimate.describe('rate that the cluster carries within policy with all brokers up'),
  afterLossTps: Estimate.describe('the same after the worst loss that the plan covers'),
  saturationTps: positive.describe('rate at which the first resource is saturated, median estimate'),
  limitedBy: z.enum(planLimits).describe('condition that decided the number of brokers'),
  probabilityEnough: share.describe('share of simulations in which the cluster carries the peak after the loss'),
  survives: z.array(z.string()),
  losses: z.array(LossCase).describe('facts of survives'),
});

/** A proposed plan, compared with the demand, such as 2 masters, 4 slaves, 3 name servers. */
export const JudgedProposal = z.strictObject({
  domain: z.string(),
  broker: z.enum(brokerKinds),
  mode: z.enum(planModes),
  shape: z.string(),
  masters: positiveCount,
  replicas: positiveCount,
  nameServers: count.optional(),
  verdict: z.enum(['enough', 'not-enough', 'not-measured']),
  promise: PlanPromise.optional(),
  resources: z.array(PlannedResource),
  mastersNeeded: positiveCount.optional().describe('absent where no number of brokers is enough'),
  removable: z
    .strictObject({
      brokers: positiveCount.describe('slaves included'),
      cost: amount.optional().describe('their monthly cost'),
    })
    .optional()
    .describe('brokers that can be removed so that the cluster still carries the demand after each covered loss'),
  findings: z.array(Finding),
});
export type JudgedProposal = z.infer<typeof JudgedProposal>;

const latencyP99Seconds = amount
  .optional()
  .describe('p99 from the intended send to the acknowledgement that the domain requires');

export const RefusedDomain = z.strictObject({
  domain: z.string(),
  latencyP99Seconds,
  reason: z.string(),
  hint: z.string(),
  cause: RefusalCause.describe('facts of reason and hint'),
  rejections: z.array(Rejection),
});
export type RefusedDomain = z.infer<typeof RefusedDomain>;

export const ClusterPlan = z.strictObject({
  name: z.string(),
  broker: z.enum(brokerKinds),
  mode: z.enum(planModes),
  replicas: positiveCount,
  domains: z.array(
    z.strictObject({
      name: z.string(),
      owners: z.array(z.string()).optional().describe('contacts'),
      share: positive.max(1).describe('of the demand of the domain; the rest is on its other clusters'),
      peakTps: Estimate.describe('rate of this share at the planned peak, including growth and promotion'),
      averageTps: amount,
      usualTps: amount.describe('average without the promotion'),
      promotionDayTps: amount.describe('average of the promotion day'),
      messageBytes: positive,
      consumerGroups: count,
      retentionSeconds: positive,
      partitions: positiveCount.describe('partitions or queues of the whole cluster, without copies'),
      compressionRatio: z.number().min(1).optional(),
      messagesPerRequest: z.number().min(1).optional(),
      keyBytes: amount.optional(),
      isDelayed: z.boolean().optional(),
      order: z
        .literal('global')
        .optional()
        .describe('one queue on one broker takes all messages; absent for other orders'),
      loss: z.enum(['may-lose', 'acknowledged', 'never']).optional(),
      latencyP99Seconds,
      survives: z.enum(['none', 'broker', 'zone']).describe('loss at the peak that the domain has to survive'),
      cost: amount
        .optional()
        .describe(
          'its part of the monthly cost of this cluster, by its use of the deciding resource; absent without prices',
        ),
      dayCurve: z.array(z.number()).optional().describe('load of each hour of the promotion day, divided by its peak'),
    }),
  ),
  shape: Shape,
  brokers: z.array(PlannedBroker),
  masters: positiveCount.describe('brokers that accept messages at one time; on Kafka all brokers'),
  nameServers: z.array(Host).optional(),
  controllers: z.array(Host).optional().describe('KRaft controllers, or those of a RocketMQ controller group'),
  zones: z.array(z.string()),
  promise: PlanPromise,
  resources: z.array(PlannedResource),
  cost: amount.optional(),
  nextTenth: z
    .strictObject({
      brokers: positiveCount.describe('brokers to add, slaves included'),
      afterLossTps: positive.describe('rate after the worst loss with these brokers, median estimate'),
      cost: amount.optional().describe('monthly cost of these brokers'),
    })
    .optional()
    .describe('fewest brokers of the same shape that carry 10% more after the worst loss'),
  margin: ReserveTable,
  sensitivity: z
    .array(
      z.strictObject({
        input: z.string(),
        low: z.number(),
        high: z.number(),
        unit: z.string(),
        brokersAtLow: positiveCount,
        brokersAtHigh: positiveCount,
        swing: amount.describe('brokers between both ends, before rounding'),
      }),
    )
    .describe('result with one input at a time at the ends of its interval; largest effect first'),
  rejections: z.array(Rejection).describe('alternatives, with the reason against each'),
  assumptions: z.array(
    z.strictObject({
      what: z.string(),
      cause: PlanAssumption.describe('facts of it'),
      widenedTo: Estimate.optional(),
      source: z.string().optional(),
    }),
  ),
  findings: z.array(Finding),
  partOf: z
    .strictObject({
      document: z.string().describe('SHA-256 of that document: plans with the same hash belong together'),
      costUnit: z.string(),
      refused: z
        .array(RefusedDomain.omit({ rejections: true }))
        .optional()
        .describe('domains that have no cluster; listed in the first plan'),
      findings: z.array(Finding).optional().describe('of the whole document; listed in the first plan'),
      judged: z.array(JudgedProposal).optional().describe('proposed clusters; listed in the first plan'),
    })
    .optional()
    .describe('part of the plan document that the history stores'),
});
export type ClusterPlan = z.infer<typeof ClusterPlan>;

/** @returns losses that the plan must survive */
export const survivedLosses = ({ domains, zones }: ClusterPlan): { broker: boolean; zone: boolean } => ({
  broker: domains.some(({ survives }) => survives !== 'none'),
  zone: zones.length > 1 && domains.some(({ survives }) => survives === 'zone'),
});

/**
 * `min.insync.replicas` of Kafka, `minInSyncReplicas` of RocketMQ with a controller: 2, so that acknowledged messages survive the
 * loss of a broker; 1 with two copies, or if every domain may lose messages.
 */
export const inSyncCopies = ({
  replicas,
  domains,
}: {
  replicas: number;
  domains: readonly Pick<ClusterPlan['domains'][number], 'loss'>[];
}): number => (domains.every(({ loss }) => loss === 'may-lose') ? 1 : Math.min(2, Math.max(1, replicas - 1)));

/** Bounds the memory of a reader that repeats the simulations of a plan. */
export const mostSimulations = 8192;

export const ClusterPlans = z.strictObject({
  schemaVersion: z.literal(clusterPlanSchemaVersion),
  worlds: z.strictObject({ count: positiveCount.max(mostSimulations), seed: z.string() }),
  costUnit: z.string().describe('currency per month; hosts if the catalogue has no prices'),
  clusters: z.array(ClusterPlan),
  refused: z.array(RefusedDomain),
  judged: z.array(JudgedProposal).optional(),
  totals: z.strictObject({
    clusters: count,
    brokers: count,
    nameServers: count,
    controllers: count,
    cost: amount.optional(),
  }),
  findings: z.array(Finding),
});
export type ClusterPlans = z.infer<typeof ClusterPlans>;
