// Exports the JVM processes of brokers and name servers on a host.

import type { ProcessReading, RunningProcess } from '../../../core/documents/evidence/process-reading.ts';
import { ok, allKnown, type HostCollector, known, labelled, type Measurement } from '../../collector.ts';
import { lacksProcesses } from './lacks-processes.ts';

const { gauge, counter, flag } = labelled('process');
const perGroup = labelled('process', 'group');

/** JVM flags share one label, which is truncated at this length. */
const longestFlags = 1000;

export const processes = {
  of: 'host',
  source: '/proc/PID',
  cost: '5 reads a process and 1 a thread; its memory maps, and open files beyond 1,000, once a minute; all command lines while one is missing',
  metrics: {
    plimsoll_process_up: flag('1 while the process runs, 0 if it is not found.'),
    plimsoll_process_info: labelled('process', 'main_class', 'version', 'flags').gauge(
      'Main class, version and options of the JVM.',
      '1',
    ),
    plimsoll_process_start_time_seconds: gauge(
      'Start time of the process, in seconds since the epoch; of the last one if it is not running.',
    ),
    plimsoll_process_last_seen_timestamp_seconds: gauge('Time at which it was last seen running.'),
    plimsoll_process_restarts_total: counter('Restarts of the process since it is monitored.', 'restarts'),
    plimsoll_process_cpu_seconds_total: labelled('process', 'mode').counter('CPU time in user and system mode.'),
    plimsoll_process_resident_memory_bytes: gauge('Resident memory of the process.'),
    plimsoll_process_resident_memory_part_bytes: labelled('process', 'part').gauge(
      'Kind of memory: anonymous, file (page cache of mapped files, which the kernel can reclaim), shared.',
    ),
    plimsoll_process_virtual_memory_bytes: gauge('Virtual memory size.'),
    plimsoll_process_swap_bytes: gauge('Memory that is swapped out.'),
    plimsoll_process_threads: gauge('Threads.', 'threads'),
    plimsoll_process_open_fds: gauge('Open files and sockets.', 'files'),
    plimsoll_process_max_fds: gauge('Limit of open files and sockets.', 'files'),
    plimsoll_process_memory_maps: gauge('Memory maps; vm.max_map_count is the limit.', 'maps'),
    plimsoll_process_major_page_faults_total: counter('Major page faults.', 'faults'),
    plimsoll_process_minor_page_faults_total: counter('Minor page faults.', 'faults'),
    plimsoll_process_read_bytes_total: counter('Bytes read from disks.'),
    plimsoll_process_written_bytes_total: counter('Bytes written to disks.'),
    plimsoll_process_thread_group_threads: perGroup.gauge(
      'Threads by group, from their JVM names; group `unknown` if the JVM does not set thread names.',
      'threads',
    ),
    plimsoll_process_thread_group_cpu_seconds: perGroup.gauge('CPU time of the live threads of this group.'),
    plimsoll_process_thread_busiest_ratio: perGroup.gauge(
      'Share of a core that the busiest thread of this group used since the previous reading; at 1 it is saturated.',
    ),
  },

  collect({ reading }) {
    if (reading.processes === undefined) {
      return lacksProcesses(
        reading,
        'processes can only be read where /proc can be: a node_exporter does not report them',
      );
    }
    return ok(reading.processes.flatMap((each) => [...measure(each)]));
  },
} satisfies HostCollector;

function* measure(reading: ProcessReading): Iterable<Measurement> {
  const { name, restarts } = reading;
  const isRunning = reading.state === 'running';
  const last = isRunning ? undefined : reading.last;
  yield { metric: 'plimsoll_process_up', labels: [name], value: Number(isRunning) };
  yield { metric: 'plimsoll_process_restarts_total', labels: [name], value: restarts };
  if (isRunning) yield* measureRunning(name, reading.process);
  if (last !== undefined) {
    yield { metric: 'plimsoll_process_start_time_seconds', labels: [name], value: last.startedAtSeconds };
    yield { metric: 'plimsoll_process_last_seen_timestamp_seconds', labels: [name], value: last.seenAtSeconds };
  }
}

function* measureRunning(name: string, process: RunningProcess): Iterable<Measurement> {
  const { jvm, memory, cpu, faults, io } = process;
  const flags = jvm.flags.join(' ').slice(0, longestFlags);
  yield {
    metric: 'plimsoll_process_info',
    labels: [name, jvm.mainClass ?? '', jvm.version ?? '', flags],
    value: 1,
  };
  yield* allKnown([name], {
    plimsoll_process_start_time_seconds: process.startedAtSeconds,
    plimsoll_process_resident_memory_bytes: memory.residentBytes,
    plimsoll_process_virtual_memory_bytes: memory.virtualBytes,
    plimsoll_process_swap_bytes: memory.swapBytes,
    plimsoll_process_threads: process.threads,
    plimsoll_process_open_fds: process.openFiles,
    plimsoll_process_max_fds: process.openFilesLimit,
    plimsoll_process_memory_maps: process.memoryMaps,
    plimsoll_process_major_page_faults_total: faults.major,
    plimsoll_process_minor_page_faults_total: faults.minor,
    plimsoll_process_read_bytes_total: io?.readBytes,
    plimsoll_process_written_bytes_total: io?.writtenBytes,
  });
  yield { metric: 'plimsoll_process_cpu_seconds_total', labels: [name, 'user'], value: cpu.userSeconds };
  yield { metric: 'plimsoll_process_cpu_seconds_total', labels: [name, 'system'], value: cpu.systemSeconds };
  const parts = { anonymous: memory.anonymousBytes, file: memory.fileBytes, shared: memory.sharedBytes };
  for (const [part, value] of Object.entries(parts)) {
    yield* known('plimsoll_process_resident_memory_part_bytes', [name, part], value);
  }
  for (const { group, threads, cpuSeconds, busiestRatio } of process.threadGroups ?? []) {
    yield { metric: 'plimsoll_process_thread_group_threads', labels: [name, group], value: threads };
    yield { metric: 'plimsoll_process_thread_group_cpu_seconds', labels: [name, group], value: cpuSeconds };
    yield* known('plimsoll_process_thread_busiest_ratio', [name, group], busiestRatio);
  }
}
