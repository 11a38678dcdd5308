// Computes and renders the alternatives of --what-if beside the measured verdict.

import { joinFiles } from '../../analyzer/evidence/importers/joined/joined-run.ts';
import { readLoadTest } from '../../app/analysis/read-load-test.ts';
import type { LoadTestRun } from '../../analyzer/evidence/load-test-run.ts';
import type { Policy } from '../../core/policy/policy.ts';
import { limitText } from '../../core/text/limit-text.ts';
import { bitRateText, percentText, rateNumberText, rateRangeText } from '../../core/text/quantity-text.ts';
import { renderTable } from '../../dashboards/reports/analysis/table.ts';
import type { Alternative } from '../../analyzer/planning/what-if/alternative.ts';
import type { WhatIf } from '../../analyzer/planning/what-if/what-if.ts';
import type { Analysis, SafeMaxTps } from '../../core/documents/analysis.ts';
import { list } from '../command.ts';
import { readJoinOptions, type JoinIo } from './join-options.ts';
import { findNamed } from '../../app/analysis/named-files.ts';
import { columnsOf, wrap } from '../../core/text/table.ts';
import { whatIfSchemaVersion, type WhatIfDocument } from '../../core/documents/what-if.ts';

export const whatIfOptions = {
  'what-if': list(
    'CHANGES',
    'also compute the verdict for another cluster or load, such as messageBytes=1KiB,groups=3; may be repeated',
  ),
};

/** @throws AppError usage, run-missing, run-unreadable and errors of importers */
export async function loadTestOf(
  { positionals, options, signal }: Pick<JoinIo, 'positionals' | 'options' | 'signal'>,
  policy: Policy,
): Promise<LoadTestRun> {
  const { columns } = readJoinOptions({ columns: options.columns }, []);
  const named = await findNamed(positionals, { columns, signal });
  if (named.kind === 'files') {
    const names = named.files.map(({ name }) => name);
    return joinFiles(named.files, readJoinOptions(options, names));
  }
  return readLoadTest(named.directory, policy, { signal });
}

const width = 100;

export function whatIfText({ safeMaxTps, binding = [] }: Analysis, alternatives: readonly WhatIf[]): string {
  const rows = [
    { name: 'as measured', safe: safeMaxTps, binding, beyond: '' },
    ...alternatives.map((each) => ({
      name: nameOf(each.alternative),
      safe: each.safeMaxTps,
      binding: each.binding,
      beyond: each.carried.flatMap(({ quantity, extrapolates }) => (extrapolates ? quantity : [])).join(', '),
    })),
  ];
  const table = renderTable(
    columnsOf(['what if', '>safe msg/s', '>interval', 'bottleneck', 'not measured']),
    rows.map(({ name, safe, binding: first, beyond }) => [
      name,
      safeMaxText(safe),
      intervalText(safe),
      safe.kind === 'predicted' || safe.kind === 'confirmed' ? bottleneckText(first) : 'no limit known',
      beyond,
    ]),
  );
  const notes = alternatives.flatMap(({ carried, alternative, safeMaxTps: safe }) => [
    `${nameOf(alternative)}:`,
    ...(safe.kind === 'unknown' ? [`  missing: ${safe.missing.map(({ what }) => what).join(', ')}`] : []),
    ...carried.flatMap(({ quantity, how }) => wrap(`  ${quantity}: ${how}`, width, 4)),
  ]);
  return `\n${['What if', ...table, '', 'Extrapolation', ...notes].join('\n')}\n`;
}

const nameOf = (alternative: Alternative) =>
  Object.entries(alternative)
    .map(([key, value]) => `${key}=${key === 'nic' ? bitRateText(Number(value)) : value}`)
    .join(' ');

function safeMaxText(safe: SafeMaxTps): string {
  if (safe.kind === 'unknown') return 'unknown';
  return safe.kind === 'at-least' ? `>= ${rateNumberText(safe.tps)}` : rateNumberText(safe.tps);
}

function intervalText(safe: SafeMaxTps): string {
  return safe.kind === 'predicted' || safe.kind === 'confirmed' ? rateRangeText(safe.interval) : '';
}

const bottleneckText = (binding: WhatIf['binding']) =>
  binding
    .slice(0, 2)
    .map(({ limitedBy, probability }) => `${limitText(limitedBy)} ${percentText(probability)}`)
    .join(', ');

export function whatIfDocument(measured: Analysis, alternatives: readonly WhatIf[]): WhatIfDocument {
  return {
    schemaVersion: whatIfSchemaVersion,
    measured,
    alternatives: alternatives.map((each) => {
      const { measured: _, ...answer } = each;
      return answer;
    }),
  };
}
