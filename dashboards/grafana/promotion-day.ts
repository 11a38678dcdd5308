// Defines the dashboard for the day of a promotion: load, headroom and the remaining time.

import { dashboard, loadTests, ofCapacity, promotions, row, verdicts } from './dashboard.ts';
import {
  bindingRibbon,
  domainHeadroom,
  headroomFigure,
  headroomLines,
  safeMaxBand,
  timeToLimit,
  whileLimitKnown,
} from './cluster-capacity.ts';
import { lagSeconds } from './queries.ts';
import { figure, lines, table } from './panel.ts';

const chosen = '{cluster=~"$cluster"}';

export const promotionDay = dashboard({
  uid: 'plimsoll-promotion',
  title: 'Plimsoll / Promotion day',
  description: 'Does the load of the promotion fit the clusters?',
  variables: [ofCapacity],
  annotations: [promotions, verdicts, loadTests],
  // Tables query the end of the range, which cannot be in the future.
  from: 'now-3h',
  rows: [
    row('Load and headroom', [
      figure('Promotion', {
        description: 'Promotions in progress.',
        expr: 'plimsoll_promotion_on',
        texts: { 0: { text: 'not on', color: 'text' }, 1: { text: 'on', color: 'orange' } },
      }),
      figure('Starts in', {
        description: 'Time until the promotion begins. Negative once it has begun.',
        expr: 'plimsoll_promotion_start_timestamp_seconds - time()',
      }),
      figure('Ends in', {
        description: 'Time until the promotion ends. Negative once it is over.',
        expr: 'plimsoll_promotion_end_timestamp_seconds - time()',
      }),
      headroomFigure(),
      timeToLimit(),
      figure('Expected / safe maximum', {
        description:
          'Highest rate expected within 15 minutes, as a share of the safe maximum, if the verdict found a limit and the forecast is less than 3 hours old. Above 105%, an operator is paged in advance.',
        expr: whileLimitKnown(
          'plimsoll_forecast_within_tps{cluster=~"$cluster", within="15m", bound="estimate"} / ignoring (within, bound) plimsoll_safe_max_tps{cluster=~"$cluster", bound="low"}',
        ),
        noValue: 'no recent forecast, or no limit found',
        limits: { worse: 'above', warn: 0.8, bad: 1.05 },
      }),
      safeMaxBand(11),
      headroomLines(),
      lines('Consumer lag, time', {
        description: 'Lag in time of the group with the highest lag, by cluster.',
        expr: `max by (cluster) (${lagSeconds(chosen)})`,
        limits: { worse: 'above', warn: 180, bad: 900 },
      }),
      bindingRibbon(),
    ]),
    row('Business domains', [
      table('Domains', {
        description: 'The cluster of each domain, with its headroom.',
        by: { domain: 'Domain', cluster: 'Cluster' },
        sortBy: 'Headroom',
        height: 6,
        columns: {
          ...domainHeadroom,
          Now: {
            expr: `max by (domain, cluster) (plimsoll_cluster_domain_info${chosen} * on (cluster) group_left () plimsoll_now_produce_tps${chosen})`,
          },
        },
      }),
    ]),
    row('Compared with the previous day and week', [
      lines('Load, a day ago, a week ago', {
        description:
          'Messages produced per second. A rate far below the previous day can indicate an outage of the producers.',
        queries: {
          '{{cluster}} now': `plimsoll_now_produce_tps${chosen}`,
          '{{cluster}} a day ago': `plimsoll_now_produce_tps${chosen} offset 1d`,
          '{{cluster}} a week ago': `plimsoll_now_produce_tps${chosen} offset 7d`,
        },
      }),
      lines('Consumed', {
        description: 'Messages consumed per second, between the last two readings.',
        expr: `plimsoll_now_consume_tps${chosen}`,
      }),
    ]),
  ],
});
