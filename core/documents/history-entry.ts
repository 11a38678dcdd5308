// Defines the entries of the history: verdicts, forecasts, plans, operations, tests and changes.
// docs/schema/ledger-entry.schema.json is generated from it.

import { z } from 'zod';
import { AttentionSubject } from './acknowledgement.ts';
import { Analysis } from './analysis.ts';
import { StoredCapacityReport } from './capacity-report.ts';
import { ClusterPlan } from './cluster-plan.ts';
import { RecordedOperation } from './recorded-operation.ts';
import { amount, ofKind, positiveCount, share, time } from './values.ts';

/** Longest text of a name or a reason; longer ones are truncated on input. */
const longestName = 249;
const longestReason = 2000;

const Name = z.string().min(1).max(longestName);

/** The parts of a forecast for a page, an alert and a review; the full document is a separate file. */
export const RecordedForecast = z.strictObject({
  horizonEndsAt: time,
  peak: z.strictObject({
    tps: amount,
    low: amount.optional().describe('absent for a promotion that was measured once'),
    high: amount.optional(),
    at: time,
    confidence: share.describe('of low to high, two-sided'),
  }),
  points: z
    .array(
      z.strictObject({
        at: time,
        tps: amount,
        low: amount.optional(),
        high: amount.optional(),
      }),
    )
    .max(10_000),
  excluded: z
    .array(Name)
    .optional()
    .describe(
      'promotions ahead with times that the history does not contain, which have no point and are not in the peak',
    ),
  chosen: z.string().describe('forecasting method with the lowest error in the past'),
});
export type RecordedForecast = z.infer<typeof RecordedForecast>;

/** How a prediction compared with an unplanned event: a natural peak, a restart, a GC storm. */
export const Grade = z.strictObject({
  of: positiveCount.describe('id of the verdict or forecast that was graded'),
  event: z.enum(['natural-peak', 'broker-restart', 'gc-storm', 'promotion', 'forecast-end']),
  startedAt: time,
  endedAt: time,
  predicted: z.strictObject({
    value: z.number(),
    low: z.number().optional(),
    high: z.number().optional(),
    unit: z.string(),
  }),
  actual: z.number(),
  held: z.boolean().describe('whether the actual value was in the predicted interval'),
  what: z.enum(['forecast', 'safe-max']).optional().describe('prediction that was graded'),
  bias: z
    .number()
    .optional()
    .describe('of a whole forecast: sum of actual / sum of forecast - 1; positive if the load was higher'),
  covered: share.optional().describe('of a whole forecast: share of points within the band'),
});
export type Grade = z.infer<typeof Grade>;

/** Changes that reveal who logs in; visible to admins of all clusters. */
export const loginChanges = ['logged-in', 'login-failed', 'logged-out', 'sessions-ended'] as const;

export const Change = z.strictObject({
  what: z
    .enum([
      'silenced',
      'annotated',
      'analysis-asked',
      'load-test-started',
      'load-test-stopped',
      'load-test-failed',
      'acknowledged',
      ...loginChanges,
      'limit-set',
      'promotion-set',
      'restored',
      'plan-executed',
      'messages-exported',
    ])
    .describe('restored: the history, from a backup; sessions-ended: the sessions of the person in `after`'),
  before: z.string().max(longestReason).optional(),
  after: z.string().max(longestReason).optional(),
  entry: positiveCount.optional().describe('id of the entry that is annotated'),
  subject: AttentionSubject.optional(),
  until: time.optional().describe('of an acknowledgement: when it ends'),
});
export type Change = z.infer<typeof Change>;

/** Recorded when the alert fires, and again with its end when it is resolved. */
export const RecordedAlert = z.strictObject({
  name: Name,
  fingerprint: z.string().min(1).max(longestName).describe('same value in both entries of an alert'),
  startsAt: time,
  endsAt: time.optional().describe('absent while the alert fires'),
  severity: z.string().max(longestName).optional(),
  group: Name.optional().describe('consumer group that the alert is about'),
  topic: Name.optional(),
  summary: z.string().max(longestReason).optional(),
  summaryZh: z.string().max(longestReason).optional(),
});

const entry = <Kind extends string, Document extends z.ZodType>(kind: Kind, document: Document) =>
  ofKind(kind, {
    cluster: Name.optional().describe('absent if it concerns the whole fleet'),
    domain: Name.optional(),
    why: z.string().max(longestReason).optional(),
    evidence: z
      .string()
      .max(longestReason)
      .optional()
      .describe('run folder, file or query that is the evidence of the entry'),
    document,
  });

/** A submitted entry; the history adds id, time and author. */
export const NewHistoryEntry = z.discriminatedUnion('kind', [
  entry('verdict', Analysis),
  entry('test', Analysis).describe('a load test, with its verdict'),
  entry('forecast', RecordedForecast),
  entry('plan', ClusterPlan),
  entry('operation', RecordedOperation).describe('on a cluster: planned or executed, possibly in part'),
  entry('report', StoredCapacityReport),
  entry('grade', Grade),
  entry('change', Change),
  entry('alert', RecordedAlert),
]);
export type NewHistoryEntry = z.infer<typeof NewHistoryEntry>;
export type HistoryEntryKind = NewHistoryEntry['kind'];

export const historyEntryKinds = NewHistoryEntry.options.map(({ shape }) => shape.kind.value);

export const changeKinds = Change.shape.what.options;
export type ChangeKind = (typeof changeKinds)[number];

export const isLoginChange = (what: ChangeKind): boolean => (loginChanges as readonly ChangeKind[]).includes(what);

export const Author = z.strictObject({
  name: z.string().min(1).max(longestName).describe('user, or plimsoll for scheduled jobs'),
  through: z.enum(['schedule', 'api', 'cli', 'page']),
});
export type Author = z.infer<typeof Author>;

interface Recorded {
  /** Increases by one; never reused. */
  id: number;
  /** ISO 8601, UTC. */
  at: string;
  by: Author;
}

export type HistoryEntry = NewHistoryEntry & Recorded;
