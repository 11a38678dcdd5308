// Renders docs/reference/policy.md from core/policy/default.yaml.

import { readDefaultPolicy, type Cited } from '../core/policy/policy.ts';

export function renderPolicyPage(): string {
  return [
    '# Policy',
    '',
    'Generated from `core/policy/default.yaml` by `npm run update-golden`; do not edit by hand.',
    '',
    'Limits and thresholds of all commands, each with its source. `analyzer.policy` in plimsoll.yaml overrides `cpu`, `network`, `disk`,',
    '`memory` and `confirmationTime` ([config.md](config.md)); `policy` in a domains file overrides values of `planning`',
    '([sizing.md](../sizing.md)). `plimsoll alerts --config FILE --out DIR` writes the alerting rules with your values.',
    '',
    'A source without a name is a decision of Plimsoll.',
    '',
    ...[...Map.groupBy(rowsOf(readDefaultPolicy()), ({ value, source }) => `${value}: ${source}`)].map(
      ([cited, rows]) => `- ${rows.map(({ key }) => `\`${key}\``).join(', ')} ${cited}`,
    ),
    '',
  ].join('\n');
}

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
