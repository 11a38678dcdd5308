// Exports cgroup limits, usage and throttling of each watched process.

import type { ProcessGroup } from '../../../core/documents/evidence/process-reading.ts';
import { ok, allKnown, type HostCollector, labelled, type Measurement } from '../../collector.ts';
import { lacksProcesses } from './lacks-processes.ts';

const { gauge, counter } = labelled('process');

export const processCgroups = {
  of: 'host',
  source: '/proc/PID/cgroup, /sys/fs/cgroup',
  cost: '7 reads a process, and 5 for each group around its own',
  metrics: {
    plimsoll_process_cgroup_memory_limit_bytes: gauge('Memory limit of its container; absent without a limit.'),
    plimsoll_process_cgroup_memory_usage_bytes: gauge('Memory of its container, including page cache.'),
    plimsoll_process_cgroup_memory_limit_hits_total: counter('Times its container reached the limit.', 'times'),
    plimsoll_process_cgroup_oom_kills_total: counter(
      'Processes of its container that were killed for lack of memory.',
      'kills',
    ),
    plimsoll_process_cgroup_memory_waiting_seconds_total: counter(
      'Time in which some task of its container waited for memory.',
    ),
    plimsoll_process_cgroup_memory_stalled_seconds_total: counter(
      'Time in which all tasks of its container waited for memory.',
    ),
    plimsoll_process_cgroup_cpu_limit_cores: gauge('CPU limit of its container in cores; absent without a limit.', {
      unit: 'cores',
    }),
    plimsoll_process_cgroup_cpu_seconds_total: counter('CPU time of its container.'),
    plimsoll_process_cgroup_cpu_periods_total: counter('Scheduling periods in which its container was runnable.', {
      unit: 'periods',
    }),
    plimsoll_process_cgroup_cpu_throttled_periods_total: counter(
      'Scheduling periods in which its container was throttled.',
      'periods',
    ),
    plimsoll_process_cgroup_cpu_throttled_seconds_total: counter('Time its tasks were throttled.'),
  },

  collect({ reading }) {
    if (reading.processes === undefined) return lacksProcesses(reading, 'no process of this host can be read');
    return ok(
      reading.processes.flatMap((each) =>
        each.state === 'running' && each.process.cgroup ? measure(each.name, each.process.cgroup) : [],
      ),
    );
  },
} satisfies HostCollector;

function measure(name: string, group: ProcessGroup): Measurement[] {
  return allKnown([name], {
    plimsoll_process_cgroup_memory_limit_bytes: group.memoryLimitBytes,
    plimsoll_process_cgroup_memory_usage_bytes: group.memoryUsageBytes,
    plimsoll_process_cgroup_memory_limit_hits_total: group.memoryLimitHits,
    plimsoll_process_cgroup_oom_kills_total: group.oomKills,
    plimsoll_process_cgroup_memory_waiting_seconds_total: group.memoryPressure?.someSeconds,
    plimsoll_process_cgroup_memory_stalled_seconds_total: group.memoryPressure?.fullSeconds,
    plimsoll_process_cgroup_cpu_limit_cores: group.cpuLimitCores,
    plimsoll_process_cgroup_cpu_seconds_total: group.cpuUsageSeconds,
    plimsoll_process_cgroup_cpu_periods_total: group.cpuPeriods,
    plimsoll_process_cgroup_cpu_throttled_periods_total: group.cpuThrottledPeriods,
    plimsoll_process_cgroup_cpu_throttled_seconds_total: group.cpuThrottledSeconds,
  });
}
