// Defines the dashboard of one cluster's safe maximum, its bottleneck and the time until it is reached.

import { loadTests, promotions, verdicts } from './annotation.ts';
import {
  bindingRibbon,
  headroomFigure,
  headroomLimits,
  headroomLines,
  safeMaxBand,
  stateRibbon,
  timeToLimit,
} from './capacity-panels.ts';
import { dashboard } from './dashboard.ts';
import { figure, lines } from './panel.ts';
import { units } from './unit.ts';
import { ofCapacity } from './variable.ts';

const chosen = '{cluster=~"$cluster"}';

export const clusterCapacity = dashboard({
  uid: 'plimsoll-capacity',
  title: 'Plimsoll / Cluster capacity',
  description: 'How much load can this cluster safely handle, what limits it, and when is the limit reached?',
  variables: [ofCapacity],
  annotations: [loadTests, verdicts, promotions],
  rows: [
    {
      title: 'Safe maximum',
      panels: [
        figure({
          title: 'Safe maximum',
          description:
            'Messages produced per second: the lower end of the verdict in force, which is the figure to plan with.',
          unit: units.messagesPerSecond,
          queries: [{ expr: 'plimsoll_safe_max_tps{cluster=~"$cluster", bound="low"}', legend: '{{cluster}}' }],
        }),
        figure({
          title: 'Load now',
          description: 'Messages produced per second, between the last two readings.',
          unit: units.messagesPerSecond,
          queries: [{ expr: `plimsoll_now_produce_tps${chosen}`, legend: '{{cluster}}' }],
        }),
        headroomFigure(),
        timeToLimit(),
        figure({
          title: 'Headroom, N-1',
          description:
            'Headroom after the loss of the broker or host that costs most. Negative: the load would then exceed the safe maximum.',
          unit: units.ratio,
          queries: [
            // Of what: the graph of the headroom names it.
            { expr: `plimsoll_without_one_headroom_ratio${chosen}`, legend: '{{cluster}}' },
          ],
          limits: headroomLimits,
        }),
        figure({
          title: 'Verdict age',
          description: 'Since the verdict in force was made.',
          unit: units.duration,
          queries: [{ expr: `plimsoll_verdict_age_seconds${chosen}`, legend: '{{cluster}}' }],
        }),
        safeMaxBand({ width: 24, height: 10 }),
        bindingRibbon(),
        lines({
          title: 'Bottleneck probability',
          description: 'By resource of a node, or SLO that a node or group violates.',
          unit: units.ratio,
          queries: [{ expr: `plimsoll_binding_probability${chosen}`, legend: '{{cluster}} {{resource}} {{node}}' }],
          min: 0,
          max: 1,
        }),
        headroomLines(),
        stateRibbon(),
      ],
    },
    {
      title: 'Forecast',
      panels: [
        lines({
          title: 'Expected load',
          description: 'Within 15 minutes, an hour and a day from each moment on, by the middle of the forecast.',
          unit: units.messagesPerSecond,
          queries: [
            {
              expr: 'plimsoll_forecast_within_tps{cluster=~"$cluster", bound="estimate"}',
              legend: '{{cluster}} within {{within}}',
            },
          ],
          min: 0,
        }),
        lines({
          title: 'Forecast peak',
          description: 'Highest rate the forecast has within its horizon; low and high bound it with 80%.',
          unit: units.messagesPerSecond,
          queries: [{ expr: `plimsoll_forecast_peak_tps${chosen}`, legend: '{{cluster}} {{bound}}' }],
          min: 0,
        }),
        figure({
          title: 'Time to forecast peak',
          description: 'Until the highest rate of the horizon is expected; negative when it is over.',
          unit: units.duration,
          queries: [{ expr: `plimsoll_forecast_peak_timestamp_seconds${chosen} - time()`, legend: '{{cluster}}' }],
          width: 12,
        }),
        figure({
          title: 'Forecast age',
          description: 'Since the forecast was made.',
          unit: units.duration,
          queries: [{ expr: `plimsoll_forecast_age_seconds${chosen}`, legend: '{{cluster}}' }],
          width: 12,
        }),
      ],
    },
    {
      title: 'Prediction accuracy',
      panels: [
        figure({
          title: 'Predictions that held',
          description: 'Share of predictions that held when a peak, a restart or long GC pauses tested them.',
          unit: units.ratio,
          queries: [{ expr: `plimsoll_calibration_held_ratio${chosen}`, legend: '{{cluster}}' }],
          width: 6,
        }),
        figure({
          title: 'Predictions checked',
          description: 'How many there were: a share of few says little.',
          unit: units.count,
          queries: [{ expr: `plimsoll_calibration_graded${chosen}`, legend: '{{cluster}}' }],
          width: 6,
        }),
        figure({
          title: 'Configuration drift',
          description: 'Settings that are not what they were when the verdict was made.',
          unit: units.count,
          queries: [{ expr: `plimsoll_verdict_drifted${chosen}`, legend: '{{cluster}}' }],
          limits: { worse: 'above', warn: 1 },
          width: 6,
        }),
        figure({
          title: 'Reading age',
          description: 'Of the rate now. It stays when the rate is gone.',
          unit: units.duration,
          queries: [{ expr: `round(plimsoll_now_age_seconds${chosen})`, legend: '{{cluster}}' }],
          limits: { worse: 'above', warn: 120, bad: 300 },
          width: 6,
        }),
      ],
    },
  ],
});
