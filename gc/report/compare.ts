// Renders the figures of two sets of logs side by side.

import { findingRules } from './findings/registry.ts';
import type { GcReport } from './gc-report.ts';
import { figureRows } from './table-cells.ts';
import { changeText, ifKnown } from '../../core/text/quantity-text.ts';
import { columnsOf, tableLines } from '../../core/text/table.ts';

export function renderComparison(a: GcReport, b: GcReport): string {
  const table = tableLines(
    columnsOf(['', '>A', '>B', '>B to A']),
    figureRows.flatMap(([name, value, format]) => {
      const [left, right] = [value(a), value(b)];
      if (left === undefined && right === undefined) return [];
      return [[name, ifKnown(left, format), ifKnown(right, format), change(left, right)]];
    }),
  );
  const lines = [...sets(a, b), '', ...table, '', ...onlyIn('A', a, b), ...onlyIn('B', b, a)];
  return `${lines.join('\n').trimEnd()}\n`;
}

function sets(a: GcReport, b: GcReport): string[] {
  return [a, b].map(({ files, findings: [verdict] }, index) => {
    const names = files.map(({ path }) => path).join(', ');
    return `${'AB'[index]}  ${names.length > 60 ? `${names.slice(0, 60)}…` : names}: ${verdict?.code ?? 'nothing found'}`;
  });
}

function change(a: number | undefined, b: number | undefined): string | undefined {
  if (a === undefined || b === undefined) return undefined;
  if (a === b) return '=';
  if (a === 0) return 'new';
  const factor = b / a;
  return factor >= 2 || factor <= 0.5 ? `× ${Number(factor.toPrecision(3))}` : changeText(factor - 1);
}

function onlyIn(name: string, here: GcReport, there: GcReport): string[] {
  const known = new Set(there.findings.map(({ code }) => code));
  return here.findings
    .filter(({ code, severity }) => severity !== 'info' && code in findingRules && !known.has(code))
    .map(({ message }) => `only ${name}: ${message}`);
}
