// Reads the sizing rules for domains from data with sources.

import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { brokerKinds } from '../../../core/cluster.ts';
import { domainTraits, type DomainTrait } from '../../../core/documents/cluster-plan.ts';

const DomainRule = z.strictObject({
  id: z.string(),
  trait: z.enum(domainTraits),
  brokers: z.array(z.enum(brokerKinds)).optional(),
  alone: z.boolean().optional(),
  leastClusters: z.number().int().positive().optional(),
  source: z.string(),
  en: z.string(),
  zh: z.string(),
});
export type DomainRule = z.infer<typeof DomainRule>;

const RulesFile = z.strictObject({
  rules: z.array(DomainRule),
  dailyShare: z.strictObject({ low: z.number(), high: z.number(), source: z.string() }),
});
export type DomainRules = z.infer<typeof RulesFile>;

export function readDomainRules(): DomainRules {
  return RulesFile.parse(parse(readFileSync(new URL('./rules.yaml', import.meta.url), 'utf8')));
}

export const rulesOf = ({ rules }: DomainRules, traits: readonly DomainTrait[]): DomainRule[] =>
  rules.filter(({ trait }) => traits.includes(trait));
