// Lists the figures that a source has per target, and those missing for a verdict.

import type { Discovery } from './discovery.ts';
import { expressionOf } from './expression.ts';
import { figureNames, figureOf, type FigureName } from './figures.ts';
import type { NamingScheme } from './naming-schemes.ts';
import type { Choice } from './selection.ts';
import type { FigureSource } from './telemetry.ts';

/** Figures that only help to join others. */
const auxiliary = new Set<FigureName>(['brokerAddress', 'brokerHost', 'putRate', 'reportedLinkBytesPerSecond']);

type Found = Extract<FigureSource, { kind: 'found' }>;
interface FoundFigure extends Pick<Found, 'scheme' | 'expression' | 'citation' | 'targets'> {
  figure: FigureName;
}

/** @param triedMetrics metrics that were searched for; a missing figure is omitted if this is undefined */
export function inventoryOf(
  found: readonly FoundFigure[],
  triedMetrics: (figure: FigureName) => readonly string[] | undefined,
): FigureSource[] {
  const ofLayer = Map.groupBy(found, ({ figure }) => figureOf(figure).of);
  return figureNames.flatMap((figure): FigureSource[] => {
    const { of, isNeeded = false } = figureOf(figure);
    const own = found.filter((each) => each.figure === figure);
    const common = { figure, of, isNeeded };
    const tried = own.length === 0 ? triedMetrics(figure) : undefined;
    if (tried !== undefined) return [{ ...common, kind: 'missing', triedMetrics: tried }];
    const everyone = new Set(ofLayer.get(of)?.flatMap(({ targets }) => targets));
    const missingFor = [...everyone.difference(new Set(own.flatMap(({ targets }) => targets)))].toSorted();
    // Reported once if several schemes share the targets.
    return own.map((each, index) => {
      return { ...common, kind: 'found', ...each, missingFor: index === 0 ? missingFor : [] };
    });
  });
}

export function foundFigures(
  choices: readonly Choice[],
  schemes: readonly NamingScheme[],
  fillingOf: (choice: Choice) => Parameters<typeof expressionOf>[3],
): FigureSource[] {
  const found = choices
    .filter(({ candidate }) => !auxiliary.has(candidate.figure))
    .map((choice) => {
      const { scheme, figure, alternative } = choice.candidate;
      const expression = expressionOf(scheme, figure, alternative, fillingOf(choice));
      const targets = [...choice.targets].toSorted();
      return { figure, scheme: scheme.scheme, expression, citation: scheme.citation, targets };
    });
  return inventoryOf(found, (figure) => {
    if (auxiliary.has(figure)) return undefined;
    const tried = schemes.flatMap(({ figures }) => figures[figure]?.map(({ metrics }) => metrics[0] as string) ?? []);
    return [...new Set(tried)];
  });
}

/** @returns whether there are no figures to read */
export function isEmpty({ candidates }: Discovery): boolean {
  return candidates.every(({ figure }) => auxiliary.has(figure));
}
