// Computes the rate at which each resource meets its policy limit, as measured and as changed.

import { defined } from '../../../core/defined.ts';
import type { Limit } from '../../../core/documents/analysis.ts';
import type { AlternativeLimit } from '../../../core/documents/what-if.ts';
import { describeLimit, type View } from '../view.ts';
import type { BarsData } from '../bars-data.ts';
import { whatIfLanguages } from './what-if-texts.ts';

interface LimitRow {
  limitedBy: Limit;
  now?: AlternativeLimit;
  otherwise?: AlternativeLimit;
}

/** @returns for each resource the nodes that reach its limit first, as changed and as measured; the lowest first */
export function limitRows(
  now: readonly AlternativeLimit[],
  otherwise: readonly AlternativeLimit[] | undefined,
): readonly LimitRow[] {
  const all = [...firstOfEach(otherwise ?? now), ...firstOfEach(now)].map(({ limitedBy }) => limitedBy);
  const shown = all.filter((limit, index) => all.findIndex((each) => isSame(each, limit)) === index);
  const tpsOf = ({ now: before, otherwise: after = before }: LimitRow) => after?.estimateTps ?? Infinity;
  return shown
    .map((limitedBy) => {
      const of = (limits: readonly AlternativeLimit[] = []) => limits.find((each) => isSame(each.limitedBy, limitedBy));
      return { limitedBy, ...defined({ now: of(now), otherwise: of(otherwise) }) };
    })
    .toSorted((one, other) => tpsOf(one) - tpsOf(other));
}

const firstOfEach = (limits: readonly AlternativeLimit[]) =>
  [...Map.groupBy(limits, ({ limitedBy }) => kindOf(limitedBy)).values()].map((own) =>
    own.reduce((low, each) => (each.estimateTps < low.estimateTps ? each : low)),
  );

const kindOf = (limit: Limit) => ('resource' in limit ? limit.resource : limit.slo);
const isSame = (one: Limit, other: Limit) => JSON.stringify(one) === JSON.stringify(other);

/** Factor at which longer bars are cut, so that the bottleneck stays visible. */
const timesFirst = 4;

export function limitsChart(rows: readonly LimitRow[], { strings, language }: View): BarsData {
  const texts = whatIfLanguages[language];
  const hasAlternative = rows.some(({ otherwise }) => otherwise !== undefined);
  const series = (label: string, when: 'now' | 'otherwise', colour: string) => ({
    label,
    colour,
    bars: rows.map(({ [when]: limit }) =>
      limit === undefined
        ? {}
        : {
            value: limit.estimateTps,
            low: limit.interval.low,
            ...(limit.interval.high !== undefined && { high: limit.interval.high }),
            ...(limit.isBeyondReach && { isHollow: true }),
          },
    ),
  });
  const highest = highestShown(rows);
  return {
    language,
    axis: strings.perSecond,
    rows: rows.map(({ limitedBy }) => describeLimit(limitedBy, strings)),
    series: [
      series(texts.now, 'now', 'quiet'),
      ...(hasAlternative ? [series(texts.otherwise, 'otherwise', 'series-1')] : []),
    ],
    ...(highest !== undefined && { highest }),
  };
}

/** Uses only rates within reach of the test, if any, because a bar far beyond would hide the others. */
function highestShown(rows: readonly LimitRow[]): number | undefined {
  const firsts = (isShown: (limit: AlternativeLimit) => boolean) =>
    (['now', 'otherwise'] as const).flatMap((when) =>
      rows
        .flatMap((row) => row[when] ?? [])
        .filter(isShown)
        .map(({ estimateTps }) => estimateTps)
        .toSorted((one, other) => one - other)
        .slice(0, 1),
    );
  const known = firsts(({ isBeyondReach }) => !isBeyondReach);
  const highest = timesFirst * Math.max(0, ...(known.length > 0 ? known : firsts(() => true)));
  return highest > 0 ? highest : undefined;
}
