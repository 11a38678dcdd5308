// Builds panels with their common parts: datasource, description, unit, legend and no-data text.

import {
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphThresholdsStyleConfigBuilder,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TimelineValueAlignment,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTextDisplayOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { FieldColorBuilder, FieldColorModeId } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TableBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as LinesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { acrossInstances } from './queries.ts';
import { legendTable, softMaxOf, legendOf, unitOf } from './graph-options.ts';
import { gap, mappings, neutral, thresholds, type Limits, type Texts } from './limits.ts';
import { missingText } from './missing-text.ts';

export const datasource = { type: 'prometheus', uid: '${datasource}' };

/** Shortest scrape interval: no two points are closer. */
const scrapeInterval = '15s';

interface Query {
  expr: string;
  /** Labels in double braces, which Grafana replaces. */
  legend: string;
}

export interface PanelLook {
  description: string;
  /** A unit of the SDK; default: that of the metrics. */
  unit?: string;
  /** Out of 24 columns. */
  width?: number;
  height?: number;
  limits?: Limits;
  texts?: Texts;
  /** For lines, whose axis otherwise begins at 0. */
  canBeNegative?: true;
  max?: number;
  decimals?: number;
  /** Shown if a query returns nothing. */
  noValue?: string;
  /** Names of dashed lines: limits, not readings. */
  dashed?: RegExp;
  /** For a figure: font size of the no-value text, if it would not fit at the size of a figure. */
  textPixels?: number;
  /** For a figure: shows the legend even for a single value. */
  showsLegend?: true;
}

/** Expressions by legend. */
type Queries = Readonly<Record<string, string>>;

/** One query, whose legend is by default that of its metrics, or several. */
type PanelPlan = PanelLook & ({ expr: string; legend?: string } | { queries: Queries });

export interface Panel extends PanelLook {
  unit: string;
  queries: readonly Query[];
}

function panelOf(plan: PanelPlan): Panel {
  const queries: readonly Query[] =
    'queries' in plan
      ? Object.entries(plan.queries).map(([legend, expr]) => ({ expr, legend }))
      : [{ legend: legendOf(plan.expr), ...plan }];
  return { unit: unitOf(queries[0]?.expr ?? ''), ...plan, queries };
}

/** A column of a table; the labels in `by` are its keys. `noValue` is shown in a row that has other values. */
interface Column extends Pick<PanelLook, 'unit' | 'limits' | 'texts' | 'decimals' | 'noValue'> {
  expr: string;
}

interface TablePlan {
  description: string;
  by: Readonly<Record<string, string>>;
  /** By header. */
  columns: Readonly<Record<string, Column>>;
  /** Header of the sort column; ascending by default. */
  sortBy: string;
  descending?: boolean;
  /** Header of the secondary sort column; ascending. */
  thenBy?: string;
  width?: number;
  height?: number;
}

export type PanelBuilder = LinesBuilder | StatBuilder | TimelineBuilder | TableBuilder;

/** Rate queries for metrics with the same labels, each named by its key. */
export const ratesOf = (selector: string, legend: string, metrics: Readonly<Record<string, string>>): Queries =>
  Object.fromEntries(
    Object.entries(metrics).map(([name, metric]) => [
      `${legend} ${name}`,
      `rate(${metric}${selector}[$__rate_interval])`,
    ]),
  );

/** Lines over time. */
export function lines(title: string, given: PanelPlan): PanelBuilder {
  const plan = panelOf(given);
  const panel = furnished(new LinesBuilder(), title, plan)
    .lineWidth(1)
    .fillOpacity(0)
    .showPoints(VisibilityMode.Auto)
    .spanNulls(false)
    .legend(legendTable(plan))
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .span(plan.width ?? 12)
    .height(plan.height ?? 9);
  if (plan.dashed !== undefined) {
    const dashes = { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } };
    panel.overrideByRegexp(String(plan.dashed), [dashes]);
  }
  const softMax = softMaxOf(plan);
  if (softMax !== undefined) panel.axisSoftMax(softMax);
  if (plan.limits === undefined) return panel;
  return panel.thresholdsStyle(new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed));
}

/** One big number, or one per series, at the end of the range: an ended series is not shown with its last value. */
export function figure(title: string, given: PanelPlan): PanelBuilder {
  const plan = panelOf(given);
  const panel = furnished(new StatBuilder(), title, plan);
  if (plan.showsLegend === true) panel.textMode(BigValueTextMode.ValueAndName);
  if (plan.textPixels !== undefined) panel.text(new VizTextDisplayOptionsBuilder().valueSize(plan.textPixels));
  return (
    panel
      .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).fields('').values(false))
      // Graphs of the same values are below; a line behind a figure makes it hard to read.
      .graphMode(BigValueGraphMode.None)
      .colorMode(
        plan.limits === undefined && plan.texts === undefined ? BigValueColorMode.None : BigValueColorMode.Value,
      )
      .span(plan.width ?? 4)
      .height(plan.height ?? 4)
  );
}

/** States over time, as labelled bands. */
export function ribbon(title: string, given: PanelPlan): PanelBuilder {
  const plan = panelOf(given);
  return (
    furnished(new TimelineBuilder(), title, plan)
      .mergeValues(true)
      .showValue(VisibilityMode.Auto)
      // If a band began before the range, text at its left end would be outside.
      .alignValue(TimelineValueAlignment.Center)
      .rowHeight(0.9)
      .fillOpacity(70)
      .legend(
        new VizLegendOptionsBuilder()
          .showLegend(true)
          .displayMode(LegendDisplayMode.List)
          .placement(LegendPlacement.Bottom),
      )
      .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Single))
      .span(plan.width ?? 24)
      .height(plan.height ?? 6)
  );
}

/** Current values side by side, one row for each set of keys. */
export function table(title: string, { by, columns: byHeader, ...plan }: TablePlan): PanelBuilder {
  const columns = Object.entries(byHeader).map(([header, column]) => ({ header, ...column }));
  // Its queries are instant queries, which are empty after a missed scrape.
  const missing = `${missingText(columns)}, or the last scrape failed`;
  const letters = columns.map((_, index) => refId(index));
  const panel = new TableBuilder()
    .title(title)
    .description(withReason(plan.description, missing))
    .datasource(datasource)
    .unit('short')
    .noValue(missing)
    .thresholds(thresholds(undefined))
    .targets(
      columns.map(({ expr }, index) =>
        new DataqueryBuilder()
          .datasource(datasource)
          .expr(acrossInstances({ expr }))
          .format(PromQueryFormat.Table)
          .instant()
          .legendFormat('')
          .refId(refId(index)),
      ),
    )
    .transformations([
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: Object.fromEntries(
            [...Object.keys(by), ...letters.map((letter) => valueOf(letter, letters))].map((name, index) => [
              name,
              index,
            ]),
          ),
          renameByName: {
            ...by,
            ...Object.fromEntries(columns.map(({ header }, index) => [valueOf(refId(index), letters), header])),
          },
        },
      },
    ])
    .sortBy([
      { build: () => ({ displayName: plan.sortBy, desc: plan.descending ?? false }) },
      ...(plan.thenBy === undefined ? [] : [{ build: () => ({ displayName: plan.thenBy ?? '', desc: false }) }]),
    ])
    .span(plan.width ?? 24)
    .height(plan.height ?? 7);
  for (const key of Object.values(by)) panel.overrideByName(key, [{ id: 'noValue', value: '–' }]);
  // Names of groups and topics need the space.
  const isNarrow = Object.keys(by).length > 1 && columns.length > 1;
  for (const {
    header,
    expr,
    unit = unitOf(expr),
    limits,
    texts,
    decimals,
    noValue = missingText([{ expr }]),
  } of columns) {
    panel.overrideByName(header, [
      { id: 'unit', value: unit },
      ...(decimals === undefined ? [] : [{ id: 'decimals', value: decimals }]),
      ...(isNarrow ? [{ id: 'custom.width', value: 140 }] : []),
      { id: 'mappings', value: [...(texts === undefined ? [] : mappings(texts)), neutral(noValue)] },
      ...(limits === undefined ? [] : [{ id: 'thresholds', value: thresholds(limits).build() }]),
      ...(limits === undefined && texts === undefined ? [] : coloured),
    ]);
  }
  return panel;
}

/** Grafana shows a fixed text in an empty table or state timeline, so the reason is in the description. */
const withReason = (description: string, missing: string) => `${description} Empty: ${missing}.`;

/** Grafana names the column of a lone query `Value`. */
const valueOf = (letter: string, letters: readonly string[]) => (letters.length === 1 ? 'Value' : `Value #${letter}`);

/** Grafana up to 9.4 reads the first, later versions the second; each ignores the other. */
const coloured = [
  { id: 'custom.displayMode', value: 'color-text' },
  { id: 'custom.cellOptions', value: { type: 'color-text' } },
];

function furnished<Builder extends LinesBuilder | StatBuilder | TimelineBuilder>(
  builder: Builder,
  title: string,
  plan: Panel,
): Builder {
  const missing = plan.noValue ?? missingText(plan.queries);
  builder
    .title(title)
    .description(
      builder instanceof TimelineBuilder
        ? withReason(plan.description, missing)
        : builder instanceof StatBuilder
          ? `${plan.description} After a failed scrape, no value is shown.`
          : plan.description,
    )
    .datasource(datasource)
    .unit(plan.unit)
    .noValue(missing)
    .interval(scrapeInterval)
    .thresholds(thresholds(plan.limits))
    .colorScheme(colorsOf(builder))
    .targets(
      plan.queries.map(({ expr, legend }, index) => {
        const query = new DataqueryBuilder()
          .datasource(datasource)
          .expr(acrossInstances({ expr, legend }))
          .legendFormat(legend);
        return (builder instanceof StatBuilder ? query.instant() : query.range()).refId(refId(index));
      }),
    );
  // Grafana fits text to the panel, so a sentence is smaller than a figure.
  const absent = builder instanceof StatBuilder ? [neutral(missing)] : builder instanceof TimelineBuilder ? [gap] : [];
  builder.mappings([...(plan.texts === undefined ? [] : mappings(plan.texts)), ...absent]);
  if (builder instanceof LinesBuilder && plan.canBeNegative !== true) builder.min(0);
  if (plan.max !== undefined) builder.max(plan.max);
  if (plan.decimals !== undefined) builder.decimals(plan.decimals);
  return builder;
}

/**
 * Modes supported by Grafana 9 to 12. A state timeline with threshold colours shows threshold ranges instead of the texts
 * mapped to its values.
 */
function colorsOf(builder: LinesBuilder | StatBuilder | TimelineBuilder): FieldColorBuilder {
  if (builder instanceof LinesBuilder) return new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic);
  if (builder instanceof StatBuilder) return new FieldColorBuilder().mode(FieldColorModeId.Thresholds);
  return new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor('text');
}

const refId = (index: number) => String.fromCharCode('A'.charCodeAt(0) + index);
