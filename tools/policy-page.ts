// Renders docs/reference/policy.md from core/policy/default.yaml.

import { readDefaultPolicy, type Cited } from '../core/policy/policy.ts';
import { formatJson } from './format-json.ts';

export function renderPolicyPage(): string {
  const rows = rowsOf(readDefaultPolicy());
  const others = rows.filter(({ key }) => !key.startsWith('limits.'));
  return [
    '# Policy',
    '',
    'Generated from `core/policy/default.yaml` by `npm run update-golden`; do not edit by hand.',
    '',
    'Limits and thresholds of all commands; [policy.json](data/policy.json) has the source of each, here stated for the limits of resources. A',
    'source without a name is a decision of Plimsoll. `analyzer.policy` in plimsoll.yaml overrides `cpu`, `network`, `disk`, `memory` and',
    '`confirmationTime` ([config.md](config.md)); `policy` in a domains file overrides values of `planning` ([sizing.md](../explanation/sizing.md)).',
    '`plimsoll alerts --config FILE --out DIR` writes the alerting rules with your values.',
    '',
    ...limits(rows.filter(({ key }) => key.startsWith('limits.'))),
    ...[...Map.groupBy(others, ({ key }) => key.split('.')[0] ?? '')].map(([section, each]) =>
      sectionLine(section, each),
    ),
    '',
  ].join('\n');
}

/** Limits with the same value and source share a line. */
const limits = (rows: readonly PolicyRow[]): string[] =>
  [...Map.groupBy(rows, ({ value, source }) => `${value}: ${source}`)].map(
    ([cited, each]) => `- ${each.map(({ key }) => `\`${key}\``).join(', ')} ${cited}`,
  );

function sectionLine(section: string, rows: readonly PolicyRow[]): string {
  const [first] = rows;
  if (first?.key === section) return `- \`${section}\` ${first.value}`;
  return `- \`${section}\`: ${rows.map(({ key, value }) => `\`${key.slice(section.length + 1)}\` ${value}`).join(', ')}`;
}

/** Renders docs/reference/data/policy.json: each value of the policy with its source. */
export const renderPolicyDocument = (): Promise<string> =>
  formatJson({ schemaVersion: 1, policy: rowsOf(readDefaultPolicy()) });

interface PolicyRow {
  key: string;
  value: string;
  source: string;
}

function rowsOf(section: object, path: readonly string[] = []): PolicyRow[] {
  return Object.entries(section as Record<string, Cited | object>).flatMap(([name, part]) => {
    const key = [...path, name];
    if (!('source' in part)) return rowsOf(part, key);
    const source = part.source.replace(/^Plimsoll: /, '').replaceAll('<', '&lt;');
    return [{ key: key.join('.'), value: String(part.value), source }];
  });
}
