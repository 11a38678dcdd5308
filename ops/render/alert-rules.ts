// Renders the alerting rules of alerts/rules/ with the thresholds of a policy.

import { readdirSync, readFileSync } from 'node:fs';
import type { Policy } from '../../core/policy/policy.ts';
import type { RenderedFile } from './host-files.ts';

const folder = new URL('../../alerts/rules/', import.meta.url);

/** Matches `… > 0.8 # policy: limits.network-out`, or `… < 0.3 # policy: 1 - limits.network-threads` for an idle share. */
const threshold = /(?<=[<>] )[\d.]+(?= # policy: (?<rest>1 - )?(?<path>\S+)$)/gm;

export function renderAlertRules(policy: Policy): RenderedFile[] {
  return readdirSync(folder)
    .toSorted()
    .map((path) => ({ path, text: withThresholds(readFileSync(new URL(path, folder), 'utf8'), policy) }));
}

function withThresholds(rules: string, policy: Policy): string {
  return rules.replaceAll(threshold, (...found) => {
    const { rest, path = '' } = found.at(-1) as { rest?: string; path?: string };
    const value = valueAt(policy, path.split('.'));
    return String(rest === undefined ? value : Number((1 - value).toFixed(6)));
  });
}

function valueAt(policy: object, path: readonly string[]): number {
  const cited = path.reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], policy);
  const { value } = (cited ?? {}) as { value?: unknown };
  if (typeof value === 'number') return value;
  throw new TypeError(`the policy has no value ${path.join('.')}`);
}
