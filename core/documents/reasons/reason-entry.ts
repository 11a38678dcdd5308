// Defines the parts of a reason behind a decision: facts, texts in two languages, and the action that leads to GO.

import { z } from 'zod';
import type { Pair } from '../../text/bilingual.ts';
import { capacityText, ifKnown, quantityText, rateNumberText } from '../../text/quantity-text.ts';
import type { FindingLanguage } from '../findings/finding-entry.ts';
import { Missing, missingText, subjectText } from './missing.ts';
import { MissedLatency } from './rejection-reasons.ts';
import { amount, count, positive, positiveCount } from '../values.ts';

export const decisions = ['go', 'conditions', 'no-go'] as const;
export type GoDecision = (typeof decisions)[number];

/** Facts of a reason; text and action derive from them. */
export const ReasonFacts = z.strictObject({
  tps: amount.optional().describe('rate that is known to be safe'),
  neededTps: amount.optional().describe('rate that it has to reach'),
  foundTps: z
    .strictObject({ low: amount, high: amount })
    .optional()
    .describe('safe maximum that another measurement found: lower end, and upper end or estimate'),
  targetTps: positive.optional().describe('rate to generate next'),
  seconds: positive
    .optional()
    .describe('time for which to generate it, for which messages are kept, or after which evidence expires'),
  testedBytes: positive.optional().describe('size of the messages of the test'),
  neededBytes: positive
    .optional()
    .describe('size of the messages of the domain, or of another one on its cluster if that is larger'),
  neededRatio: z
    .number()
    .min(1)
    .optional()
    .describe('compression ratio of these messages; if present, both sizes are after compression'),
  neededReplicas: positiveCount.optional().describe('replicas of each message in the plan'),
  neededGroups: positiveCount.optional().describe('most consumer groups of the domains in the plan'),
  neededPartitions: count.optional().describe('most partitions or queues of a domain in the plan'),
  neededBatch: positive.optional().describe('fewest messages of a send request of the domains in the plan'),
  missedLatency: MissedLatency.extend({ domain: z.string().describe('domain that requires it') })
    .optional()
    .describe('step with the lowest rate whose p99 of publish latency was above the one required'),
  day: z.iso.date().optional().describe('date of the report'),
  subjects: z.array(z.string()).optional().describe('brokers, groups, settings or findings'),
  missing: z.array(Missing).optional().describe('unknown value'),
});
export type ReasonFacts = z.infer<typeof ReasonFacts>;

export interface ReasonEntry {
  decision: GoDecision;
  text: (facts: ReasonFacts) => Pair;
  /** The action that leads to GO, as an instruction. */
  action: (facts: ReasonFacts) => Pair;
}

export const day = 86_400;
/** Reports of schema version 1 have no figures. */
const unstated = '–';
export const size = (bytes: number | undefined) => (bytes === undefined ? unstated : capacityText(bytes, 'bytes'));
export const rate = (tps: number | undefined) => ifKnown(tps, rateNumberText) ?? unstated;
const isShort = (seconds: number | undefined) => (seconds ?? 0) < 120;
const foundText = ({ foundTps }: ReasonFacts, to: string): string => {
  const [low, high] = [rate(foundTps?.low), rate(foundTps?.high)];
  return low === high ? low : `${low}${to}${high}`;
};
/** Result of another measurement. */
export const foundEn = (facts: ReasonFacts) => `${foundText(facts, ' to ')} msg/s`;
export const foundZh = (facts: ReasonFacts) => `${foundText(facts, ' 至 ')} 条/秒`;
export const periodEn = (seconds: number | undefined) =>
  isShort(seconds) ? `${quantityText(seconds ?? 0)} seconds` : `${quantityText((seconds ?? 0) / 60)} minutes`;
export const periodZh = (seconds: number | undefined) =>
  isShort(seconds) ? `${quantityText(seconds ?? 0)} 秒` : `${quantityText((seconds ?? 0) / 60)} 分钟`;
const named = ({ subjects = [], missing = [] }: ReasonFacts, language: FindingLanguage) => [
  ...subjects.map((each) => subjectText(each, language)),
  ...missing.map((each) => missingText(each, language)),
];
export const en = (facts: ReasonFacts) => named(facts, 'en').join(', ');
export const zh = (facts: ReasonFacts) => named(facts, 'zh').join('、');
/** After a Chinese word: adds a space only before Latin letters and digits. */
export const zhInside = (facts: ReasonFacts) => zh(facts).replace(/^(?=[!-~])/, ' ');
