// Defines the dashboard of one cluster's safe maximum, its bottleneck and the time until it is reached.

import { dashboard, loadTests, ofCapacity, promotions, row, verdicts } from './dashboard.ts';
import {
  bindingRibbon,
  headroomFigure,
  headroomLimits,
  headroomLines,
  safeMaxAndKind,
  safeMaxBand,
  stateRibbon,
  timeToLimit,
  withoutOneHeadroom,
} from './capacity-panels.ts';
import { figure, lines } from './panel.ts';
import { units } from './unit.ts';

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
