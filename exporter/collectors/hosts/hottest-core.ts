// Exports the utilization of a host's busiest core, by mode.

import { hottestCore as hottestBetween } from '../../../hosts/hottest-core.ts';
import { ok, allKnown, type HostCollector, labelled } from '../../collector.ts';

const { gauge } = labelled();

export const hottestCore = {
  of: 'host',
  source: '/proc/stat',
  cost: 'none beside cpu',
  metrics: {
    plimsoll_host_hottest_core_ratio: gauge(
      'Busy share of the busiest core since the last scrape at least 5 s ago: on 24 cores, one saturated core is 4% of the total.',
    ),
    plimsoll_host_hottest_core_softirq_ratio: gauge(
      'Share of time that this core spent in softirq, which receives packets.',
    ),
  },

  collect({ reading: { cpus }, before }) {
    if (cpus === undefined) return { kind: 'no-data', reason: 'the CPU times could not be read' };
    const hottest = before?.cpus && hottestBetween(before.cpus, cpus);
    return ok(
      allKnown([], {
        plimsoll_host_hottest_core_ratio: hottest?.busyRatio,
        plimsoll_host_hottest_core_softirq_ratio: hottest?.softirqRatio,
      }),
    );
  },
} satisfies HostCollector;
