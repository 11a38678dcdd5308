// Describes the checks and limits of a planned run.

import type { RunPlan } from '../../loadgen/plan/plan.ts';
import type { Criteria } from '../../loadgen/search/criteria/criteria-options.ts';
import { percentText } from '../../core/text/quantity-text.ts';
import { durationText } from '../../core/text/duration-text.ts';

/** One line for each check during or after the load. */
export function describeChecks({ workload, search }: Pick<RunPlan, 'workload' | 'search'>): string[] {
  const { ledger, thresholds } = workload;
  const limits = Object.entries(thresholds ?? {}).flatMap(criterion);
  return [
    ledger
      ? 'delivery check: every message, for lost, duplicated, reordered and corrupted ones'
      : 'no delivery check: lost and duplicated messages are not counted',
    ...(limits.length > 0 ? [`thresholds, or exit code 6: ${limits.join(', ')}`] : []),
    ...(search === undefined ? [] : describeCriteria(search.criteria)),
  ];
}

function describeCriteria({ hosts, generatorLag, generatorHosts, ...rest }: Criteria): string[] {
  const passes = Object.entries(rest).flatMap(criterion).join(', ');
  const use = criterion(['hosts', hosts]);
  const generator = [`send delay p99 ≤ ${durationText(generatorLag)}`, ...criterion(['hosts', generatorHosts])];
  return [
    `a rate passes with: ${passes}${use.length === 0 ? '' : `; mean use of each broker host: ${use.join(', ')}`}`,
    `a rate fails only while the load generator and its host keep: ${generator.join(', ')}`,
  ];
}

function criterion([name, limit]: [string, unknown]): string[] {
  if (typeof limit === 'number') return [`${name} ${bound(name, limit)}`];
  if (typeof limit !== 'object' || limit === null) return [];
  return Object.entries(limit).map(([part, share]) => `${part} ≤ ${percentText(Number(share))}`);
}

const shares = new Set(['errors', 'achieved', 'growth']);
const counts = new Set(['lag', 'lost', 'duplicated', 'reordered', 'corrupted']);
const atLeast = new Set(['achieved', 'acknowledged']);

function bound(name: string, limit: number): string {
  const sign = atLeast.has(name) ? '≥' : '≤';
  if (shares.has(name)) return `${sign} ${percentText(limit)}`;
  if (counts.has(name)) return `${sign} ${limit}`;
  if (name === 'acknowledged') return `${sign} ${limit} msg/s`;
  return `${sign} ${durationText(limit)}`;
}
