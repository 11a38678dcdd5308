// Defines the dashboard of all clusters, sorted by headroom.

import type { ClusterState } from '../../core/documents/cluster-status.ts';
import { promotions, verdicts } from './annotation.ts';
import {
  aboveTested,
  clustersIn,
  domainHeadroom,
  headroomLimits,
  stateColumn,
  stateRibbon,
  withoutOneHeadroom,
} from './capacity-panels.ts';
import { dashboard } from './dashboard.ts';
import { figure, lines, table, type PanelLook } from './panel.ts';
import { units } from './unit.ts';
import { ofAnyCluster } from './variable.ts';

const chosen = '{cluster=~"$cluster"}';

const clustersWith = (
  states: readonly ClusterState[],
  legend: string,
  look: Pick<PanelLook, 'title' | 'description' | 'limits'>,
) => figure({ ...look, unit: units.count, expr: clustersIn(states), legend });

export const fleet = dashboard({
  uid: 'plimsoll-fleet',
  title: 'Plimsoll / Fleet',
  description: 'Which cluster needs attention first?',
  variables: [ofAnyCluster],
  annotations: [promotions, verdicts],
  rows: [
    {
      title: 'Clusters by state and headroom',
      panels: [
        clustersWith(['down'], 'down', {
          title: 'Down',
          description: 'Clusters in which no broker answers.',
          limits: { worse: 'above', warn: 1, bad: 1 },
        }),
        clustersWith(['degraded'], 'degraded', {
          title: 'Degraded',
          description: 'Clusters with missing brokers.',
          limits: { worse: 'above', warn: 1, bad: 1 },
        }),
        clustersWith(['over'], 'over', {
          title: 'Over safe maximum',
          description: 'Clusters whose load is above their safe maximum.',
          limits: { worse: 'above', warn: 1, bad: 1 },
        }),
        clustersWith(['near'], 'near', {
          title: 'Near safe maximum',
          description: 'Clusters above the warning share of their safe maximum, but not above it.',
          limits: { worse: 'above', warn: 1 },
        }),
        clustersWith(['stale', 'unknown'], 'not known', {
          title: 'Stale or no verdict',
          description: 'Clusters whose safe maximum is unknown or outdated.',
          limits: { worse: 'above', warn: 1 },
        }),
        figure({
          title: 'Clusters up',
          description: 'Share of the configured clusters that could be read at the last scrape.',
          unit: units.ratio,
          expr: `avg(plimsoll_cluster_up${chosen})`,
          legend: 'answer',
          limits: { worse: 'below', warn: 1, bad: 0.9 },
        }),
        table({
          title: 'Clusters',
          description:
            'State, safe maximum, load now and headroom of each cluster; the worst state first, then the least headroom. Headroom, N-1 is -100% if brokers would reject sends.',
          by: { cluster: 'Cluster' },
          sortBy: 'State',
          descending: true,
          thenBy: 'Headroom',
          height: 8,
          columns: [
            stateColumn,
            {
              header: 'Brokers lost',
              noValue: '–',
              expr: `max by (cluster) (plimsoll_cluster_brokers_expected${chosen}) - max by (cluster) (plimsoll_cluster_brokers_answering${chosen})`,
              unit: units.count,
              limits: { worse: 'above', warn: 1, bad: 1 },
            },
            {
              header: 'Headroom',
              expr: `min by (cluster) (plimsoll_headroom_ratio${chosen})`,
              unit: units.ratio,
              limits: headroomLimits,
            },
            {
              header: 'Safe maximum',
              expr: 'max by (cluster) (plimsoll_safe_max_tps{cluster=~"$cluster", bound="low"})',
              unit: units.messagesPerSecond,
            },
            {
              header: 'Now',
              expr: `max by (cluster) (plimsoll_now_produce_tps${chosen})`,
              unit: units.messagesPerSecond,
            },
            {
              header: 'Headroom, N-1',
              expr: `min by (cluster) (${withoutOneHeadroom})`,
              unit: units.ratio,
              limits: headroomLimits,
            },
            {
              header: 'Verdict age',
              expr: `max by (cluster) (plimsoll_verdict_age_seconds${chosen})`,
              unit: units.duration,
            },
            {
              header: 'Configuration drift',
              expr: `max by (cluster) (plimsoll_verdict_drifted${chosen})`,
              unit: units.count,
              limits: { worse: 'above', warn: 1 },
            },
          ],
        }),
      ],
    },
    {
      title: 'Over time',
      panels: [
        lines({
          title: 'Headroom',
          canBeNegative: true,
          description: `1 minus the current rate divided by the safe maximum. Negative above the safe maximum. ${aboveTested}`,
          unit: units.ratio,
          expr: `plimsoll_headroom_ratio${chosen}`,
          limits: headroomLimits,
        }),
        lines({
          title: 'Produce rate',
          description: 'Messages produced per second.',
          unit: units.messagesPerSecond,
          expr: `plimsoll_now_produce_tps${chosen}`,
        }),
        stateRibbon(),
      ],
    },
    {
      title: 'Business domains',
      panels: [
        table({
          title: 'Domains',
          description: 'Headroom of the cluster of each domain.',
          by: { domain: 'Domain', cluster: 'Cluster' },
          sortBy: 'Headroom',
          height: 6,
          columns: [domainHeadroom],
        }),
      ],
    },
  ],
});
