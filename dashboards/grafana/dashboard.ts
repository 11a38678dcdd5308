// Assembles a dashboard from variables, annotations, links and rows, assigns panel ids, and defines the shared variables.

import {
  AnnotationQueryBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  RowBuilder,
  VariableHide,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { acrossInstances } from './queries.ts';
import { datasource, type PanelBuilder } from './panel.ts';

export interface PanelRow {
  title: string;
  panels: readonly PanelBuilder[];
  /** For one kind of failure only. */
  isFolded?: true;
}

export const row = (title: string, panels: readonly PanelBuilder[]): PanelRow => ({ title, panels });
export const foldedRow = (...parts: Parameters<typeof row>): PanelRow => ({ ...row(...parts), isFolded: true });

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
  const names = new Set(plan.variables.map(({ name }) => name));
  board.withVariable(consoleVariable(names.has('cluster'))).link(consoleLink(names));
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

/** Link to the page of the selected group, topic or cluster, or to all clusters. Without an address it has no text. */
function consoleLink(names: ReadonlySet<string>): DashboardLinkBuilder {
  const chosen = ['cluster', 'consumergroup', 'topic'].filter((name) => names.has(name));
  const query = chosen.map((name) => `\${${name}:queryparam}`).join('&');
  return new DashboardLinkBuilder('${console}')
    .type(DashboardLinkType.Link)
    .url(`\${console}/clusters${query === '' ? '' : `?${query}`}`)
    .tooltip('Pages of Plimsoll: actions, reports and plans of the clusters');
}

export type Dashboard = ReturnType<typeof dashboard>;

export interface VariablePlan {
  name: string;
  label: string;
  /** Series that provides the label values. */
  series: string;
  /** The label; default: the name of the variable. */
  from?: string;
  /** Regular expression of the values to keep, in slashes. */
  keep?: string;
}

/** Internal topics of brokers. */
const notOfBrokers =
  '/^(?!__|%|rmq_sys_|RMQ_SYS_|SYS_|SCHEDULE_TOPIC_|TBW102|OFFSET_MOVED_EVENT|BenchmarkTest|.+_REPLY_TOPIC$|_schemas$).+/';

/** The same as a selector, since all topics of the variable are `.+`. */
export const notInternal =
  'topic!~"__.+|%.+|rmq_sys_.+|RMQ_SYS_.+|SYS_.+|SCHEDULE_TOPIC_.+|TBW102|OFFSET_MOVED_EVENT|BenchmarkTest|.+_REPLY_TOPIC|_schemas"';

export const ofAnyCluster: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'plimsoll_cluster_up' };
export const ofKafka: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'kafka_brokers' };
export const ofRocketmq: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'rocketmq_brokers' };
export const ofCapacity: VariablePlan = { name: 'cluster', label: 'Cluster', series: 'plimsoll_safe_max_tps' };
export const hosts: VariablePlan = { name: 'host', label: 'Host', series: 'plimsoll_host_up' };
/** As in the alert rules: other node_exporters may also have a label `host`. */
export const chosenHosts = 'job="plimsoll", host=~"$host"';
/** Each load test has a separate page, identified by its scrape address. */
export const ofRun: VariablePlan = { name: 'instance', label: 'Scraped at', series: 'plimsoll_run_info' };

/** @param series with the selector of the previous variables */
export function topics(series: string): VariablePlan {
  return { name: 'topic', label: 'Topic', series, keep: notOfBrokers };
}

/**
 * Base URL of the pages of `plimsoll serve` for the selected clusters: `service.publicUrl`, which its metrics repeat.
 * Empty if not configured. No dashboard URL can set it.
 */
export function consoleVariable(hasCluster: boolean) {
  const query = `label_values(plimsoll_cluster_console_info${hasCluster ? '{cluster=~"$cluster"}' : ''}, url)`;
  const variable = new QueryVariableBuilder('console')
    .datasource(datasource)
    .query(query)
    .definition(query)
    .hide(VariableHide.HideVariable)
    .refresh(VariableRefresh.OnTimeRangeChanged);
  return { build: () => ({ ...variable.build(), skipUrlSync: true }) };
}

/**
 * All means `.+`: the series must have the label. `.*` would also match series without it.
 * Refreshed when the time range changes, so that past values remain selectable.
 */
export function queryVariable({ name, label, series, from = name, keep }: VariablePlan): QueryVariableBuilder {
  const query = `label_values(${series}, ${from})`;
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(datasource)
    .query(query)
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.NaturalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.+')
    .current({ selected: true, text: 'All', value: '$__all' });
  return keep === undefined ? variable : variable.regex(keep);
}

export const loadTests: Annotation = {
  name: 'Load tests',
  expr: 'max by (run, workload, cluster) (plimsoll_run_info{cluster=~"$cluster"})',
  title: 'Load test {{run}} ({{workload}}) on {{cluster}}',
  color: 'purple',
};

/** Start and end of each step of the selected run. */
export const steps: Annotation = {
  name: 'Steps',
  expr: 'plimsoll_run_step{instance=~"$instance"}',
  title: 'Current step',
  color: 'blue',
};

/** A verdict is new while it is younger than two steps of the annotation. */
export const verdicts: Annotation = {
  name: 'New verdicts',
  expr: 'plimsoll_verdict_age_seconds{cluster=~"$cluster"} < 120',
  title: 'New verdict of {{cluster}}',
  color: 'green',
};

export const promotions: Annotation = {
  name: 'Promotions',
  expr: 'plimsoll_promotion_on == 1',
  title: 'Promotion {{promotion}}',
  color: 'orange',
};
