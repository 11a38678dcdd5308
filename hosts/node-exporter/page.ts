// What does the page of a node_exporter say of its machine? Its samples, turned back into a reading.

import type {
  Bond,
  CpuTimes,
  DiskDevice,
  FileSystem,
  HostInventory,
  HostReading,
  HostTime,
  Link,
  NetworkDevice,
  Softnet,
} from '../../core/host-reading.ts';
import { readSamples } from '../../core/prometheus-text.ts';
import { cardCounters, kernelFigures, linkFigures, linkWords, unhandledPackets } from './names.ts';
import { indexSamples, type SampleIndex } from './sample-index.ts';

const modes = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal'] as const;

/** @returns undefined when the page is none of a node_exporter */
export function parsePage(text: string): SampleIndex | undefined {
  const index = indexSamples(readSamples(text), (metric) => metric.startsWith('node_'));
  return index.has('node_exporter_build_info') || index.has('node_scrape_collector_success') ? index : undefined;
}

/** What the page does not tell is absent. */
export function readingOf(page: SampleIndex): HostReading {
  return dropAbsent({
    uptimeSeconds: uptimeOf(page),
    cpus: present(cpusOf(page)),
    load: loadOf(page),
    memoryBytes: memoryOf(page, /^node_memory_(\w+)_bytes$/),
    hugePages: memoryOf(page, /^node_memory_(HugePages_\w+)$/),
    pressure: pressureOf(page),
    disks: page.has('node_disk_reads_completed_total') ? disksOf(page) : undefined,
    fileSystems: page.has('node_filesystem_device_error') ? fileSystemsOf(page) : undefined,
    networkDevices: present(cardsOf(page)),
    links: present(linksOf(page)),
    bonds: bondsOf(page),
    kernel: presentRecord(
      Object.fromEntries(Object.entries(kernelFigures).flatMap(([name, metric]) => entryOf(name, page.value(metric)))),
    ),
    softnet: present(softnetOf(page)),
    netstat: fieldsOf(page, 'node_netstat_'),
    sockstat: fieldsOf(page, 'node_sockstat_'),
    vmstat: fieldsOf(page, 'node_vmstat_'),
    time: timeOf(page),
    nvme: page.each(
      'node_nvme_info',
      ({ device = '', firmware_revision = '', model = '', serial = '', state = '' }) => ({
        device,
        firmwareRevision: firmware_revision,
        model,
        serial,
        state,
      }),
    ),
  });
}

/** Cores, memory and names; whose speed is real no node_exporter tells. */
export function inventoryOf(page: SampleIndex): Omit<HostInventory, 'host' | 'networkDevices'> & { devices: string[] } {
  const [os] = page.each('node_os_info', ({ pretty_name }) => pretty_name);
  const [kernel] = page.each('node_uname_info', ({ release }) => release);
  const cores = cpusOf(page).length;
  const memoryBytes = page.value('node_memory_MemTotal_bytes');
  return {
    ...(cores > 0 && { cores }),
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(os !== undefined && { os }),
    ...(kernel !== undefined && { kernel }),
    diskIdentities: page.each(
      'node_disk_info',
      ({ device = '', major = '', minor = '', path = '', wwn = '', model = '', serial = '', revision = '' }) => ({
        device,
        major,
        minor,
        path,
        wwn,
        model,
        serial,
        revision,
      }),
    ),
    devices: cardsOf(page)
      .map(({ device }) => device)
      .filter((device) => device !== 'lo'),
  };
}

function uptimeOf(page: SampleIndex): number | undefined {
  const [now, booted] = [page.value('node_time_seconds'), page.value('node_boot_time_seconds')];
  return now === undefined || booted === undefined || now < booted ? undefined : now - booted;
}

function cpusOf(page: SampleIndex): CpuTimes[] {
  const numbers = page.each('node_cpu_seconds_total', ({ cpu = '', mode }) => (mode === 'user' ? Number(cpu) : NaN));
  const cores = numbers.filter((number) => Number.isInteger(number)).toSorted((a, b) => a - b);
  return cores.map((number, place) => {
    const cpu = String(number);
    const times = modes.map((mode) => [mode, page.value('node_cpu_seconds_total', { cpu, mode }) ?? 0] as const);
    return {
      ...(number !== place && { cpu: number }),
      ...(Object.fromEntries(times) as Record<(typeof modes)[number], number>),
      ...fieldOf('guest', page.value('node_cpu_guest_seconds_total', { cpu, mode: 'user' })),
      ...fieldOf('guestNice', page.value('node_cpu_guest_seconds_total', { cpu, mode: 'nice' })),
    };
  });
}

function loadOf(page: SampleIndex): HostReading['load'] {
  const [one, five, fifteen] = ['node_load1', 'node_load5', 'node_load15'].map((metric) => page.value(metric));
  return one === undefined || five === undefined || fifteen === undefined ? undefined : { one, five, fifteen };
}

/** `node_memory_Active_anon_bytes` was `Active(anon)`. */
function memoryOf(page: SampleIndex, pattern: RegExp): Record<string, number> | undefined {
  const fields = page.metrics().flatMap((metric) => {
    const [, name] = pattern.exec(metric) ?? [];
    return name === undefined ? [] : entryOf(name.replace(/_(anon|file)$/, '($1)'), page.value(metric));
  });
  return presentRecord(Object.fromEntries(fields));
}

function pressureOf(page: SampleIndex): HostReading['pressure'] {
  const resources = (['cpu', 'io', 'memory'] as const).flatMap((resource) => {
    const someSeconds = page.value(`node_pressure_${resource}_waiting_seconds_total`);
    const fullSeconds = page.value(`node_pressure_${resource}_stalled_seconds_total`);
    return someSeconds === undefined
      ? []
      : [[resource, { someSeconds, ...fieldOf('fullSeconds', fullSeconds) }] as const];
  });
  return presentRecord(Object.fromEntries(resources));
}

function softnetOf(page: SampleIndex): Softnet[] {
  return page
    .each('node_softnet_processed_total', ({ cpu = '' }, processed) => {
      const counters = {
        processed,
        dropped: page.value('node_softnet_dropped_total', { cpu }),
        timesSqueezed: page.value('node_softnet_times_squeezed_total', { cpu }),
      };
      return isWhole(counters) ? [{ cpu: Number(cpu), ...counters }] : [];
    })
    .flat();
}

function bondsOf(page: SampleIndex): Bond[] {
  return page
    .each('node_bonding_slaves', ({ master = '' }, members) => {
      const membersUp = page.value('node_bonding_active', { master });
      return membersUp === undefined ? [] : [{ device: master, members, membersUp }];
    })
    .flat();
}

function disksOf(page: SampleIndex): DiskDevice[] {
  return page
    .each('node_disk_reads_completed_total', ({ device = '' }, readsCompleted) => {
      const value = (name: string) => page.value(`node_disk_${name}`, { device });
      const counters = {
        readsCompleted,
        readBytes: value('read_bytes_total'),
        readTimeSeconds: value('read_time_seconds_total'),
        writesCompleted: value('writes_completed_total'),
        writtenBytes: value('written_bytes_total'),
        writeTimeSeconds: value('write_time_seconds_total'),
        ioNow: value('io_now'),
        ioTimeSeconds: value('io_time_seconds_total'),
        ioTimeWeightedSeconds: value('io_time_weighted_seconds_total'),
      };
      if (!isWhole(counters)) return [];
      const discards = {
        completed: value('discards_completed_total'),
        merged: value('discards_merged_total'),
        sectors: value('discarded_sectors_total'),
        timeSeconds: value('discard_time_seconds_total'),
      };
      const flushes = {
        completed: value('flush_requests_total'),
        timeSeconds: value('flush_requests_time_seconds_total'),
      };
      const disk: DiskDevice = {
        device,
        ...counters,
        ...fieldOf('readsMerged', value('reads_merged_total')),
        ...fieldOf('writesMerged', value('writes_merged_total')),
        ...(isWhole(discards) && { discards }),
        ...(isWhole(flushes) && { flushes }),
      };
      return [disk];
    })
    .flat();
}

function fileSystemsOf(page: SampleIndex): FileSystem[] {
  return page.each('node_filesystem_device_error', (labels, error) => {
    const { device = '', mountpoint = '', fstype = '' } = labels;
    const value = (name: string) => page.value(`node_filesystem_${name}`, { device, mountpoint, fstype });
    const size = {
      totalBytes: value('size_bytes'),
      freeBytes: value('free_bytes'),
      availableBytes: value('avail_bytes'),
      files: value('files'),
      filesFree: value('files_free'),
    };
    return {
      device,
      mountpoint,
      type: fstype,
      isReadOnly: value('readonly') === 1,
      ...(isWhole(size) ? { size } : { error: labels['device_error'] || `its node_exporter says ${error}` }),
    };
  });
}

/** What every kernel tells of a card; the others came later. */
const sureCounters = Object.keys(cardCounters).filter((name) => /(Bytes|Packets|Errors|Drops)$/.test(name));

function cardsOf(page: SampleIndex): NetworkDevice[] {
  return page
    .each(cardCounters.receiveBytes, ({ device = '' }) => {
      const counters = Object.fromEntries(
        Object.entries(cardCounters).flatMap(([name, metric]) => entryOf(name, page.value(metric, { device }))),
      );
      if (sureCounters.some((name) => counters[name] === undefined)) return [];
      return [{ device, ...(counters as Omit<NetworkDevice, 'device'>) }];
    })
    .flat();
}

function linksOf(page: SampleIndex): Link[] {
  return page.each('node_network_info', ({ device = '', ...labels }) => {
    const speed = page.value('node_network_speed_bytes', { device });
    const numbers = [...Object.entries(linkFigures), ['statistics/rx_nohandler', unhandledPackets] as const];
    return {
      device,
      words: Object.fromEntries(linkWords.map((word) => [word, labels[word] ?? ''])),
      numbers: Object.fromEntries(numbers.flatMap(([file, metric]) => entryOf(file, page.value(metric, { device })))),
      ...(speed !== undefined && speed > 0 && { reportedBitsPerSecond: speed * 8 }),
    };
  });
}

function timeOf(page: SampleIndex): HostTime | undefined {
  const epochSeconds = page.value('node_time_seconds');
  if (epochSeconds === undefined) return undefined;
  const [zone] = page.each('node_time_zone_offset_seconds', ({ time_zone = '' }, offsetSeconds) => ({
    name: time_zone,
    offsetSeconds,
  }));
  const available = page.each('node_time_clocksource_available_info', (labels) => labels);
  const timex = fieldsOf(page, 'node_timex_');
  return {
    epochSeconds,
    ...(zone && { zone }),
    clockSources: page.each('node_time_clocksource_current_info', ({ device = '', clocksource = '' }) => ({
      device,
      current: clocksource,
      available: available.filter((labels) => labels['device'] === device).map((labels) => labels['clocksource'] ?? ''),
    })),
    ...(timex && { timex }),
  };
}

function fieldsOf(page: SampleIndex, prefix: string): Record<string, number> | undefined {
  const metrics = page.metrics().filter((metric) => metric.startsWith(prefix));
  return presentRecord(
    Object.fromEntries(metrics.flatMap((metric) => entryOf(metric.slice(prefix.length), page.value(metric)))),
  );
}

const entryOf = (name: string, value: number | undefined): [string, number][] =>
  value === undefined ? [] : [[name, value]];

function fieldOf<Name extends string>(name: Name, value: number | undefined): { [key in Name]?: number } {
  return value === undefined ? {} : ({ [name]: value } as { [key in Name]: number });
}

const isWhole = <T extends Record<string, number | undefined>>(record: T): record is T & { [K in keyof T]: number } =>
  Object.values(record).every((value) => value !== undefined);

function present<T>(entries: T[]): T[] | undefined {
  return entries.length > 0 ? entries : undefined;
}

function presentRecord<T extends object>(record: T): T | undefined {
  return Object.keys(record).length > 0 ? record : undefined;
}

function dropAbsent(reading: { [Section in keyof HostReading]: HostReading[Section] | undefined }): HostReading {
  return Object.fromEntries(Object.entries(reading).filter(([, value]) => value !== undefined)) as HostReading;
}
