// Defines the dashboard of one cluster's safe maximum, its bottleneck and the time until it is reached.

import { dashboard, loadTests, ofCapacity, promotions, row, verdicts } from './dashboard.ts';
import { figure, lines, ribbon, type PanelBuilder } from './panel.ts';
import { units } from './unit.ts';
import type { ClusterState } from '../../core/documents/cluster-status.ts';

/** Limits of headroom in all dashboards: below 20% a cluster is near its limit. */
export const headroomLimits = { worse: 'below', warn: 0.2, bad: 0 } as const;

/** Such a safe maximum is a sustained rate, not the limit of the cluster. */
export const aboveTested = 'For an at-least or observed safe maximum, negative means above what was tested.';

/** Safe maximum with the kind of its verdict. */
const safeMaxAndKind =
  'plimsoll_safe_max_tps{cluster=~"$cluster", bound="low"} * on (cluster) group_left (kind) topk by (cluster) (1, plimsoll_safe_max_kind{cluster=~"$cluster"} == 1)';

/** Restricts to times with a recent forecast and a known limit, as in the recording rules of the alerts. */
export const whileLimitKnown = (expr: string): string =>
  `${expr} and on (cluster) max by (cluster) (plimsoll_forecast_age_seconds{cluster=~"$cluster"}) < 3 * 3600 and on (cluster) max by (cluster) (plimsoll_safe_max_kind{cluster=~"$cluster", kind=~"confirmed|predicted|limit-cause-unknown"}) == 1`;

/** If brokers reject sends after a loss, 0 msg/s remain, for which there is no ratio. */
export const withoutOneHeadroom =
  'plimsoll_without_one_headroom_ratio{cluster=~"$cluster"} or (plimsoll_without_one_tps{cluster=~"$cluster"} == 0) - 1';

export const headroomFigure = (): PanelBuilder =>
  figure('Headroom', {
    description: `1 minus the current rate divided by the safe maximum (lower bound). Negative above the safe maximum. ${aboveTested}`,
    expr: 'plimsoll_headroom_ratio{cluster=~"$cluster"}',
    limits: headroomLimits,
  });

/** Headroom over time, and after the worst loss. */
export const headroomLines = (): PanelBuilder =>
  lines('Headroom', {
    canBeNegative: true,
    description: `Headroom now, and after losing the broker or host that costs the most (-100% if brokers would reject sends). ${aboveTested}`,
    queries: {
      '{{cluster}} now': 'plimsoll_headroom_ratio{cluster=~"$cluster"}',
      '{{cluster}} without {{lost}} {{id}}': withoutOneHeadroom,
    },
    limits: headroomLimits,
  });

/** Column of a table by domain and cluster. */
export const domainHeadroom = {
  Headroom: {
    expr: 'max by (domain, cluster) (plimsoll_cluster_domain_info{cluster=~"$cluster"} * on (cluster) group_left () plimsoll_headroom_ratio{cluster=~"$cluster"})',
    limits: headroomLimits,
  },
};

/** The interval of the safe maximum, the current rate, and the expected rate. */
export const safeMaxBand = (height: number): PanelBuilder =>
  lines('Load and safe maximum', {
    description:
      'Messages produced per second, and the safe maximum (lower bound) with the kind of its verdict. Expected: the highest rate that the forecast predicts within 15 minutes.',
    queries: {
      '{{cluster}} now': 'plimsoll_now_produce_tps{cluster=~"$cluster"}',
      '{{cluster}} safe maximum, {{kind}}': safeMaxAndKind,
      '{{cluster}} expected within 15 min':
        'plimsoll_forecast_within_tps{cluster=~"$cluster", within="15m", bound="estimate"}',
    },
    dashed: / (?:safe maximum, [a-z-]+|expected within 15 min)$/,
    width: 24,
    height,
  });

export const timeToLimit = (): PanelBuilder =>
  figure('Time to limit', {
    description:
      'Time until the median forecast reaches the safe maximum. No value: not reached within the horizon, or no forecast.',
    expr: 'plimsoll_time_to_limit_seconds{cluster=~"$cluster"}',
    limits: { worse: 'below', warn: 24 * 3600, bad: 1800 },
  });

const down = { state: 'down', rank: 7, text: 'down', color: 'dark-red' } as const;

/**
 * If several instances report states, the first in this list counts: a standby has no verdicts, and an instance without a response may
 * have lost its network, unless no other instance gets a response.
 */
const stateRanks = [
  { state: 'degraded', rank: 6, text: 'degraded', color: 'red' },
  { state: 'over', rank: 5, text: 'over the limit', color: 'red' },
  { state: 'near', rank: 4, text: 'near the limit', color: 'orange' },
  { state: 'stale', rank: 3, text: 'stale', color: 'yellow' },
  { state: 'ok', rank: 1, text: 'ok', color: 'green' },
  { state: 'unknown', rank: 2, text: 'unknown', color: 'gray' },
  down,
] as const satisfies readonly { state: ClusterState; rank: number; text: string; color: string }[];

const ofState = (state: ClusterState) => `plimsoll_cluster_state{cluster=~"$cluster", state="${state}"}`;

const isIn = (state: ClusterState) => `max by (cluster) (${ofState(state)} == 1)`;
const isUnread = 'max by (cluster) (plimsoll_cluster_up{cluster=~"$cluster"}) == 0';

/** A value for the state of each cluster. A state unknown to an older Plimsoll has no series. */
const byState = (valueOf: (each: (typeof stateRanks)[number]) => number): string =>
  [
    `(${isIn('down')} and on (cluster) ${isUnread}) * ${valueOf(down)}`,
    ...stateRanks.map((each) => `${isIn(each.state)} * ${valueOf(each)}`),
  ].join(' or ');

const stateRank = `max by (cluster) (${byState(({ rank }) => rank)})`;

/** The number of clusters in one of the states. */
export const clustersIn = (states: readonly ClusterState[]): string =>
  `sum(${byState(({ state }) => Number(states.includes(state)))})`;

const stateTexts = Object.fromEntries(stateRanks.map(({ rank, text, color }) => [rank, { text, color }]));

export const stateRibbon = (): PanelBuilder =>
  ribbon('State', {
    description:
      'down: no broker answers. degraded: some brokers are missing. over: load above the safe maximum. near: load above the warning share of it. stale: the verdict is too old, or settings have changed since. unknown: no verdict or no reading.',
    expr: stateRank,
    texts: stateTexts,
  });

/** Column of a table by cluster; sorted descending, the worst state is first. */
export const stateColumn = { State: { expr: stateRank, texts: stateTexts } };

/** The resource with the highest probability of limiting the cluster first. */
export const bindingRibbon = (): PanelBuilder =>
  ribbon('Bottleneck', {
    description:
      'The resource of a node or the SLO that is most likely to be the first limit. Where the band changes rows, the bottleneck changed.',
    expr: 'plimsoll_binding_probability{cluster=~"$cluster"} == bool on (cluster) group_left () max by (cluster) (plimsoll_binding_probability{cluster=~"$cluster"})',
    legend: '{{cluster}} {{resource}} {{node}}',
    texts: { 0: { text: '', color: 'transparent' }, 1: { text: 'bottleneck', color: 'orange' } },
  });

const chosen = '{cluster=~"$cluster"}';

export const clusterCapacity = dashboard({
  uid: 'plimsoll-capacity',
  title: 'Plimsoll / Cluster capacity',
  description: 'How much load can this cluster safely handle, what limits it, and when is the limit reached?',
  variables: [ofCapacity],
  annotations: [loadTests, verdicts, promotions],
  rows: [
    row('Safe maximum', [
      figure('Safe maximum', {
        description:
          'Messages produced per second: lower bound of the safe maximum in the latest verdict, and the kind of that verdict. Plan with this figure. at-least and observed: a rate that the cluster has sustained, not its limit.',
        expr: safeMaxAndKind,
        legend: '{{cluster}} {{kind}}',
        showsLegend: true,
      }),
      figure('Load now', {
        description: 'Messages produced per second, between the last two readings.',
        expr: `plimsoll_now_produce_tps${chosen}`,
      }),
      headroomFigure(),
      timeToLimit(),
      figure('Headroom, N-1', {
        description:
          'Headroom after losing the broker or host that costs the most. Negative: the load would then exceed the safe maximum; -100% if brokers would reject sends.',
        // The legend omits the loss, which the headroom graph names.
        expr: withoutOneHeadroom,
        limits: headroomLimits,
      }),
      figure('Verdict age', {
        description: 'Time since the latest verdict was made.',
        expr: `plimsoll_verdict_age_seconds${chosen}`,
      }),
      safeMaxBand(10),
      bindingRibbon(),
      lines('Bottleneck probability', {
        description: 'Probability that each limit is reached first, by resource of a node or by SLO.',
        unit: units.ratio,
        expr: `plimsoll_binding_probability${chosen}`,
        legend: '{{cluster}} {{resource}} {{node}}',
        max: 1,
      }),
      headroomLines(),
      stateRibbon(),
    ]),
    row('Forecast', [
      lines('Expected load', {
        description: 'Highest rate that the median forecast predicts within 15 minutes, 1 hour and 1 day.',
        expr: 'plimsoll_forecast_within_tps{cluster=~"$cluster", bound="estimate"}',
        legend: '{{cluster}} within {{within}}',
      }),
      lines('Forecast peak', {
        description: 'Highest rate within the horizon of the forecast, with its 80% interval (low, high).',
        expr: `plimsoll_forecast_peak_tps${chosen}`,
        legend: '{{cluster}} {{bound}}',
      }),
      figure('Time to forecast peak', {
        description: 'Time until the highest rate within the horizon is expected. Negative once it has passed.',
        expr: `plimsoll_forecast_peak_timestamp_seconds${chosen} - time()`,
        width: 12,
      }),
      figure('Forecast age', {
        description: 'Time since the forecast was made.',
        expr: `plimsoll_forecast_age_seconds${chosen}`,
        width: 12,
      }),
    ]),
    row('Prediction accuracy', [
      figure('Correct predictions', {
        description: 'Share of predictions that proved correct when a peak, a restart or long GC pauses tested them.',
        expr: `plimsoll_calibration_held_ratio${chosen}`,
        width: 6,
      }),
      figure('Predictions checked', {
        description: 'Number of tested predictions. With few of them, the share is uncertain.',
        expr: `plimsoll_calibration_graded${chosen}`,
        width: 6,
      }),
      figure('Configuration drift', {
        description: 'Settings that have changed since the verdict was made.',
        expr: `plimsoll_verdict_drifted${chosen}`,
        limits: { worse: 'above', warn: 1 },
        width: 6,
      }),
      figure('Reading age', {
        description: 'Age of the reading that the current load is from. It grows when readings stop.',
        expr: `round(plimsoll_now_age_seconds${chosen})`,
        limits: { worse: 'above', warn: 120, bad: 300 },
        width: 6,
      }),
    ]),
  ],
});
