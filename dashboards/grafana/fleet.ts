// Defines the dashboard of all clusters, sorted by headroom.

import type { ClusterState } from '../../core/documents/cluster-status.ts';
import { dashboard, ofAnyCluster, promotions, row, verdicts } from './dashboard.ts';
import {
  aboveTested,
  clustersIn,
  domainHeadroom,
  headroomLimits,
  stateColumn,
  stateRibbon,
  withoutOneHeadroom,
} from './cluster-capacity.ts';
import { figure, lines, table, type PanelLook } from './panel.ts';

const chosen = '{cluster=~"$cluster"}';

const clustersWith = (
  title: string,
  states: readonly ClusterState[],
  legend: string,
  look: Pick<PanelLook, 'description' | 'limits'>,
) => figure(title, { ...look, expr: clustersIn(states), legend });

export const fleet = dashboard({
  uid: 'plimsoll-fleet',
  title: 'Plimsoll / Fleet',
  description: 'Which cluster needs attention first?',
  variables: [ofAnyCluster],
  annotations: [promotions, verdicts],
  rows: [
    row('Clusters by state and headroom', [
      clustersWith('Down', ['down'], 'down', {
        description: 'Clusters in which no broker answers.',
        limits: { worse: 'above', warn: 1, bad: 1 },
      }),
      clustersWith('Degraded', ['degraded'], 'degraded', {
        description: 'Clusters with missing brokers.',
        limits: { worse: 'above', warn: 1, bad: 1 },
      }),
      clustersWith('Over safe maximum', ['over'], 'over', {
        description: 'Clusters whose load is above their safe maximum.',
        limits: { worse: 'above', warn: 1, bad: 1 },
      }),
      clustersWith('Near safe maximum', ['near'], 'near', {
        description: 'Clusters above the warning share of their safe maximum, but not above it.',
        limits: { worse: 'above', warn: 1 },
      }),
      clustersWith('Stale or no verdict', ['stale', 'unknown'], 'not known', {
        description: 'Clusters whose safe maximum is unknown or outdated.',
        limits: { worse: 'above', warn: 1 },
      }),
      figure('Clusters up', {
        description: 'Share of the configured clusters that could be read at the last scrape.',
        expr: `avg(plimsoll_cluster_up${chosen})`,
        legend: 'answer',
        limits: { worse: 'below', warn: 1, bad: 0.9 },
      }),
      table('Clusters', {
        description:
          'State, safe maximum, load now and headroom of each cluster; the worst state first, then the least headroom. Headroom, N-1 is -100% if brokers would reject sends.',
        by: { cluster: 'Cluster' },
        sortBy: 'State',
        descending: true,
        thenBy: 'Headroom',
        height: 8,
        columns: {
          ...stateColumn,
          'Brokers lost': {
            noValue: '–',
            expr: `max by (cluster) (plimsoll_cluster_brokers_expected${chosen}) - max by (cluster) (plimsoll_cluster_brokers_answering${chosen})`,
            limits: { worse: 'above', warn: 1, bad: 1 },
          },
          Headroom: {
            expr: `min by (cluster) (plimsoll_headroom_ratio${chosen})`,
            limits: headroomLimits,
          },
          'Safe maximum': { expr: 'max by (cluster) (plimsoll_safe_max_tps{cluster=~"$cluster", bound="low"})' },
          Now: { expr: `max by (cluster) (plimsoll_now_produce_tps${chosen})` },
          'Headroom, N-1': {
            expr: `min by (cluster) (${withoutOneHeadroom})`,
            limits: headroomLimits,
          },
          'Verdict age': { expr: `max by (cluster) (plimsoll_verdict_age_seconds${chosen})` },
          'Configuration drift': {
            expr: `max by (cluster) (plimsoll_verdict_drifted${chosen})`,
            limits: { worse: 'above', warn: 1 },
          },
        },
      }),
    ]),
    row('Over time', [
      lines('Headroom', {
        canBeNegative: true,
        description: `1 minus the current rate divided by the safe maximum. Negative above the safe maximum. ${aboveTested}`,
        expr: `plimsoll_headroom_ratio${chosen}`,
        limits: headroomLimits,
      }),
      lines('Produce rate', {
        description: 'Messages produced per second.',
        expr: `plimsoll_now_produce_tps${chosen}`,
      }),
      stateRibbon(),
    ]),
    row('Business domains', [
      table('Domains', {
        description: 'Headroom of the cluster of each domain.',
        by: { domain: 'Domain', cluster: 'Cluster' },
        sortBy: 'Headroom',
        height: 6,
        columns: domainHeadroom,
      }),
    ]),
  ],
});
