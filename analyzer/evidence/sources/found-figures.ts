// Lists the figures that a source has per target, and those that a verdict lacks.

import type { Discovery } from './discovery.ts';
import { expressionOf } from './expression.ts';
import { figureNames, figureOf, type FigureName } from './figures.ts';
import type { NamingScheme } from './naming-schemes.ts';
import type { Choice } from './selection.ts';
import type { FigureSource } from './source-telemetry.ts';

/** Figures that only join others. */
const auxiliary = new Set<FigureName>(['brokerAddress', 'brokerHost', 'putRate', 'reportedLinkBytesPerSecond']);

export function foundFigures(
  choices: readonly Choice[],
  schemes: readonly NamingScheme[],
  fillingOf: (choice: Choice) => Parameters<typeof expressionOf>[3],
): FigureSource[] {
  const everyone = new Map<string, Set<string>>();
  for (const { candidate, targets } of choices) {
    if (auxiliary.has(candidate.figure)) continue;
    const { of } = figureOf(candidate.figure);
    const names = everyone.get(of) ?? new Set();
    for (const name of targets) names.add(name);
    everyone.set(of, names);
  }
  return figureNames.flatMap((figure): FigureSource[] => {
    if (auxiliary.has(figure)) return [];
    const { of, isNeeded = false } = figureOf(figure);
    const found = choices.filter(({ candidate }) => candidate.figure === figure);
    const common = { figure, of, isNeeded };
    if (found.length === 0) {
      const tried = schemes.flatMap(({ figures }) =>
        (figures[figure] ?? []).map(({ metrics: [metric] }) => metric as string),
      );
      return [{ ...common, kind: 'missing', triedMetrics: [...new Set(tried)] }];
    }
    const covered = new Set(found.flatMap(({ targets }) => [...targets]));
    const missingFor = [...(everyone.get(of) ?? [])].filter((name) => !covered.has(name)).toSorted();
    return found.map((choice, index) => {
      const { candidate, targets } = choice;
      return {
        ...common,
        kind: 'found',
        scheme: candidate.scheme.scheme,
        expression: expressionOf(candidate.scheme, figure, candidate.alternative, fillingOf(choice)),
        citation: candidate.scheme.citation,
        targets: [...targets].toSorted(),
        // Reported once if several schemes share the targets.
        missingFor: index === 0 ? missingFor : [],
      };
    });
  });
}

/** @returns whether there is anything to read at all */
export function isEmpty({ candidates }: Discovery): boolean {
  return candidates.every(({ figure }) => auxiliary.has(figure));
}
