// Exports the JVM processes of brokers and name servers on a host.

import type { ProcessReading, RunningProcess } from '../../../core/documents/evidence/process-reading.ts';
import type { HostCollector, Measurement } from '../../collector.ts';
import { counter, gauge } from './process-metric.ts';

/** The flags of a JVM are one label: a value beyond this is cut. */
const longestFlags = 1000;

export const processes = {
  of: 'host',
  follows: 'ours',
  source: '/proc/PID',
  cost: '5 reads a process and 1 a thread; its memory maps, and open files beyond 1,000, once a minute; all command lines while one is missing',
  metrics: {
    plimsoll_process_up: gauge(
      '1 while the process runs, 0 from the reading on at which it is gone or not found.',
      '1 or 0',
    ),
    plimsoll_process_info: {
      type: 'gauge',
      unit: '1',
      help: 'Main class, version and options of the JVM.',
      labels: ['process', 'main_class', 'version', 'flags'],
    },
    plimsoll_process_start_time_seconds: gauge(
      'When it started, since the epoch; of one that is gone, when the last one had.',
    ),
    plimsoll_process_last_seen_timestamp_seconds: gauge('When it was last seen to run.'),
    plimsoll_process_restarts_total: counter('Times another process took its place while it was watched.', 'restarts'),
    plimsoll_process_cpu_seconds_total: {
      type: 'counter',
      help: 'Processor time in user and in system mode.',
      labels: ['process', 'mode'],
    },
    plimsoll_process_resident_memory_bytes: gauge('Pages of the process that are in memory.'),
    plimsoll_process_resident_memory_part_bytes: {
      type: 'gauge',
      help: 'Kind of memory: anonymous, file (page cache of mapped files, which the kernel can reclaim), shared.',
      labels: ['process', 'part'],
    },
    plimsoll_process_virtual_memory_bytes: gauge('Address space it has reserved.'),
    plimsoll_process_swap_bytes: gauge('Its pages that are swapped out.'),
    plimsoll_process_threads: gauge('Threads.', 'threads'),
    plimsoll_process_open_fds: gauge('Open files and sockets.', 'files'),
    plimsoll_process_max_fds: gauge('Open files and sockets it may have.', 'files'),
    plimsoll_process_memory_maps: gauge(
      'Memory maps, counted up to about 40,000; vm.max_map_count is the limit.',
      'maps',
    ),
    plimsoll_process_major_page_faults_total: counter('Times it waited for a page from a disk.', 'faults'),
    plimsoll_process_minor_page_faults_total: counter('Times a page was at hand.', 'faults'),
    plimsoll_process_read_bytes_total: counter('Bytes it made disks read.'),
    plimsoll_process_written_bytes_total: counter('Bytes it made disks write.'),
    plimsoll_process_thread_group_threads: {
      type: 'gauge',
      unit: 'threads',
      help: 'Threads of one kind, by the names the JVM gave them; group `unknown` where the JVM does not pass them to the kernel.',
      labels: ['process', 'group'],
    },
    plimsoll_process_thread_group_cpu_seconds: {
      type: 'gauge',
      help: 'Processor time of the threads of this kind that live now.',
      labels: ['process', 'group'],
    },
    plimsoll_process_thread_busiest_ratio: {
      type: 'gauge',
      help: 'Share of a core the busiest thread of this kind took since the reading before: at 1 it can do no more.',
      labels: ['process', 'group'],
    },
  },

  collect({ reading }) {
    if (reading.processes === undefined) {
      return {
        kind: 'no-data',
        reason:
          reading.unread?.['processes'] ??
          'processes can only be read where /proc can be: a node_exporter does not report them',
      };
    }
    return { kind: 'ok', measurements: reading.processes.flatMap((each) => [...measure(each)]) };
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
  const figures: [string, number | undefined][] = [
    ['start_time_seconds', process.startedAtSeconds],
    ['resident_memory_bytes', memory.residentBytes],
    ['virtual_memory_bytes', memory.virtualBytes],
    ['swap_bytes', memory.swapBytes],
    ['threads', process.threads],
    ['open_fds', process.openFiles],
    ['max_fds', process.openFilesLimit],
    ['memory_maps', process.memoryMaps],
    ['major_page_faults_total', faults.major],
    ['minor_page_faults_total', faults.minor],
    ['read_bytes_total', io?.readBytes],
    ['written_bytes_total', io?.writtenBytes],
  ];
  for (const [figure, value] of figures) {
    if (value !== undefined) yield { metric: `plimsoll_process_${figure}`, labels: [name], value };
  }
  yield { metric: 'plimsoll_process_cpu_seconds_total', labels: [name, 'user'], value: cpu.userSeconds };
  yield { metric: 'plimsoll_process_cpu_seconds_total', labels: [name, 'system'], value: cpu.systemSeconds };
  const parts = { anonymous: memory.anonymousBytes, file: memory.fileBytes, shared: memory.sharedBytes };
  for (const [part, value] of Object.entries(parts)) {
    if (value !== undefined)
      yield { metric: 'plimsoll_process_resident_memory_part_bytes', labels: [name, part], value };
  }
  for (const { group, threads, cpuSeconds, busiestRatio } of process.threadGroups ?? []) {
    yield { metric: 'plimsoll_process_thread_group_threads', labels: [name, group], value: threads };
    yield { metric: 'plimsoll_process_thread_group_cpu_seconds', labels: [name, group], value: cpuSeconds };
    if (busiestRatio !== undefined) {
      yield { metric: 'plimsoll_process_thread_busiest_ratio', labels: [name, group], value: busiestRatio };
    }
  }
}
