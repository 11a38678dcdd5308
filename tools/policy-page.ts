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
    '| key | default | source |',
    '| --- | --- | --- |',
    ...rowsOf(readDefaultPolicy()),
    '',
  ].join('\n');
}

function rowsOf(section: object, path: readonly string[] = []): string[] {
  return Object.entries(section as Record<string, Cited | object>).flatMap(([key, part]) =>
    'source' in part
      ? [
          `| \`${[...path, key].join('.')}\` | ${part.value} | ${part.source.replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`,
        ]
      : rowsOf(part, [...path, key]),
  );
}
