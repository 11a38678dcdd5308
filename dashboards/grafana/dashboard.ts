// Assembles a dashboard from variables, annotations, links and rows, and assigns panel ids.

import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  RowBuilder,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { acrossInstances } from './across-instances.ts';
import { datasource, type PanelBuilder } from './panel.ts';
import { consoleVariable, queryVariable, type VariablePlan } from './variable.ts';

export interface PanelRow {
  title: string;
  panels: readonly PanelBuilder[];
  /** For one kind of failure only. */
  isFolded?: true;
}

export const row = (title: string, panels: readonly PanelBuilder[]): PanelRow => ({ title, panels });
export const foldedRow = (title: string, panels: readonly PanelBuilder[]): PanelRow => ({
  title,
  panels,
  isFolded: true,
});

/** An event, drawn across every panel while its expression has a value. */
export interface Annotation {
  name: string;
  expr: string;
  title: string;
  color: string;
}

interface DashboardPlan {
  /** Link target of alerts. */
  uid: `plimsoll-${string}`;
  title: string;
  description: string;
  variables: readonly VariablePlan[];
  annotations: readonly Annotation[];
  rows: readonly PanelRow[];
  /** In Grafana's notation: now-6h. */
  from?: string;
}

/** Tag of all our dashboards, which the link to the others uses. */
const tag = 'plimsoll';

/*
 * The SDK prefers the layout of Grafana 13 and marks this builder as deprecated. Grafana 9 to 12 read its output, and newer versions
 * convert it when they load it.
 */
export function dashboard(plan: DashboardPlan) {
  let lastId = 0;
  const numbered = (panel: PanelBuilder) => panel.id(++lastId);
  const board = new DashboardBuilder(plan.title)
    .uid(plan.uid)
    .description(plan.description)
    .tags([tag])
    .timezone('browser')
    .readonly()
    .tooltip(DashboardCursorSync.Crosshair)
    .refresh('1m')
    .time({ from: plan.from ?? 'now-6h', to: 'now' })
    .link(
      new DashboardLinkBuilder('Plimsoll')
        .type(DashboardLinkType.Dashboards)
        .tags([tag])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'))
    .annotations(
      plan.annotations.map(({ name, expr, title, color }) =>
        new AnnotationQueryBuilder()
          .name(name)
          .datasource(datasource)
          .enable(true)
          .iconColor(color)
          .expr(acrossInstances({ expr }))
          .step('60s')
          .titleFormat(title)
          .textFormat(''),
      ),
    );
  for (const variable of plan.variables) board.withVariable(queryVariable(variable));
  const hasCluster = plan.variables.some(({ name }) => name === 'cluster');
  board.withVariable(consoleVariable(hasCluster)).link(consoleLink(hasCluster));
  for (const { title, panels, isFolded } of plan.rows) {
    const built = new RowBuilder(title).id(++lastId);
    if (isFolded !== true) {
      board.withRow(built);
      for (const panel of panels) board.withPanel(numbered(panel));
      continue;
    }
    built.collapsed(true);
    for (const panel of panels) built.withPanel(numbered(panel));
    board.withRow(built);
  }
  return withoutPlacement(board.build());
}

/** Removes the placement of links and annotations in a menu, which newer versions of Grafana fold. */
function withoutPlacement(board: ReturnType<DashboardBuilder['build']>): ReturnType<DashboardBuilder['build']> {
  for (const each of [...(board.links ?? []), ...(board.annotations?.list ?? [])]) delete each.placement;
  return board;
}

/** Link to the page of the selected cluster, or to all clusters. Without an address it has no text. */
function consoleLink(hasCluster: boolean): DashboardLinkBuilder {
  return new DashboardLinkBuilder('${console}')
    .type(DashboardLinkType.Link)
    .url(`\${console}/clusters${hasCluster ? '?${cluster:queryparam}' : ''}`)
    .tooltip('Pages of Plimsoll: actions, reports and plans of the clusters');
}

export type Dashboard = ReturnType<typeof dashboard>;
