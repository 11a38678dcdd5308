// Exports the time of each host and the offset of its clock.

import type { HostTime } from '../../../core/documents/evidence/host-reading.ts';
import { type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { ifRead } from './if-read.ts';

const { gauge, counter, flag } = labelled();
const perClock = labelled('device', 'clocksource');

/** adjtimex(2) is not available in any file, so only a node_exporter provides it. */
const timex = {
  node_timex_offset_seconds: gauge('How far the clock is from that of the time servers.'),
  node_timex_frequency_adjustment_ratio: gauge('Frequency adjustment of the clock; 1 means none.'),
  node_timex_maxerror_seconds: gauge('Largest error the clock may have.'),
  node_timex_estimated_error_seconds: gauge('Estimated error of the clock.'),
  node_timex_status: gauge('Status of the clock.', 'bits'),
  node_timex_sync_status: flag('1 while the clock follows a time server, else 0.'),
  node_timex_loop_time_constant: gauge('Time constant of the phase-locked loop.', 'number'),
  node_timex_tick_seconds: gauge('Time between ticks of the clock.'),
  node_timex_tai_offset_seconds: gauge('International Atomic Time less UTC.'),
  node_timex_pps_frequency_hertz: gauge('Frequency of the pulse-per-second signal.', 'hertz'),
  node_timex_pps_jitter_seconds: gauge('Jitter of the pulse-per-second signal.'),
  node_timex_pps_shift_seconds: gauge('Interval of the pulse-per-second signal.'),
  node_timex_pps_stability_hertz: gauge('Wander of the pulse-per-second signal.', 'hertz'),
  node_timex_pps_jitter_total: counter('Pulses beyond the jitter limit.', 'times'),
  node_timex_pps_calibration_total: counter('Calibration intervals.', 'times'),
  node_timex_pps_error_total: counter('Calibration errors.', 'times'),
  node_timex_pps_stability_exceeded_total: counter('Pulses beyond the stability limit.', 'times'),
};

export const time = {
  of: 'host',
  follows: 'prometheus/node_exporter',
  source:
    'the clock (over SSH: boot time and uptime), /etc/localtime, clock sources in sysfs, adjtimex of a node_exporter',
  cost: '5 reads',
  metrics: {
    node_time_seconds: gauge('Time since the epoch, by the clock of the host.', {
      differs: 'over SSH it comes from boot time and uptime and is up to a second early',
    }),
    node_time_zone_offset_seconds: labelled('time_zone').gauge('Local time less UTC.'),
    node_time_clocksource_available_info: perClock.gauge('Clock sources the kernel could use.', '1'),
    node_time_clocksource_current_info: perClock.gauge('Clock source the kernel uses.', '1'),
    ...timex,
  },

  collect: ({ reading: { time: now } }) => ifRead(now, 'the clock could not be read', timesOf),
} satisfies HostCollector;

function* timesOf({ epochSeconds, zone, clockSources = [], timex: offsets = {} }: HostTime): Iterable<Measurement> {
  yield { metric: 'node_time_seconds', labels: [], value: epochSeconds };
  if (zone) yield { metric: 'node_time_zone_offset_seconds', labels: [zone.name], value: zone.offsetSeconds };
  for (const { device, current, available } of clockSources) {
    for (const source of available) {
      yield { metric: 'node_time_clocksource_available_info', labels: [device, source], value: 1 };
    }
    yield { metric: 'node_time_clocksource_current_info', labels: [device, current], value: 1 };
  }
  for (const metric of Object.keys(timex)) {
    yield* known(metric, [], offsets[metric.slice('node_timex_'.length)]);
  }
}
