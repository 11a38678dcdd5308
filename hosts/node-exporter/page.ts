// Converts the samples of a node_exporter page to a host reading and inventory.

import {
  type CpuMode,
  cpuModes,
  type CpuTimes,
  type HostInventory,
  type HostReading,
  type HostTime,
} from '../../core/documents/evidence/host-reading.ts';
import { bondsOf, cardsOf, disksOf, fileSystemsOf, linksOf, queuesOf, softnetOf } from './devices.ts';
import { entryOf, indexSamples, type SampleIndex, textsOf } from './sample-index.ts';
import { readSamples } from '../../core/text/prometheus-text.ts';
import { kernelFigures } from './names.ts';
import { present, presentRecord } from '../present.ts';
import { defined } from '../../core/defined.ts';

/** @returns undefined if the page is not from node_exporter */
export function parsePage(text: string): SampleIndex | undefined {
  const index = indexSamples(readSamples(text), (metric) => metric.startsWith('node_'));
  return index.has('node_exporter_build_info') || index.has('node_scrape_collector_success') ? index : undefined;
}

/** Values missing in the page are absent. */
export function readingOf(page: SampleIndex): HostReading {
  return defined({
    uptimeSeconds: uptimeOf(page),
    cpus: present(cpusOf(page)),
    load: loadAverages(page),
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
    queues: present(queuesOf(page)),
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

const identityLabels = ['device', 'major', 'minor', 'path', 'wwn', 'model', 'serial', 'revision'] as const;

/** Returns cores, memory and names; node_exporter does not show whether a link speed is real. */
export function inventoryOf(page: SampleIndex): Omit<HostInventory, 'host' | 'networkDevices'> {
  const [os] = page.each('node_os_info', ({ pretty_name }) => pretty_name);
  const [kernel] = page.each('node_uname_info', ({ release }) => release);
  const cores = cpusOf(page).length;
  const memoryBytes = page.value('node_memory_MemTotal_bytes');
  return {
    ...(cores > 0 && { cores }),
    ...defined({ memoryBytes, os, kernel }),
    diskIdentities: page.each('node_disk_info', (labels) => textsOf(labels, identityLabels)),
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
    const times = cpuModes.map((mode) => [mode, page.value('node_cpu_seconds_total', { cpu, mode }) ?? 0] as const);
    return {
      ...(number !== place && { cpu: number }),
      ...(Object.fromEntries(times) as Record<CpuMode, number>),
      ...defined({
        guest: page.value('node_cpu_guest_seconds_total', { cpu, mode: 'user' }),
        guestNice: page.value('node_cpu_guest_seconds_total', { cpu, mode: 'nice' }),
      }),
    };
  });
}

function loadAverages(page: SampleIndex): HostReading['load'] {
  const [one, five, fifteen] = ['node_load1', 'node_load5', 'node_load15'].map((metric) => page.value(metric));
  return one === undefined || five === undefined || fifteen === undefined ? undefined : { one, five, fifteen };
}

/** Restores kernel names: `node_memory_Active_anon_bytes` was `Active(anon)`. */
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
    return someSeconds === undefined ? [] : [[resource, defined({ someSeconds, fullSeconds })] as const];
  });
  return presentRecord(Object.fromEntries(resources));
}

function timeOf(page: SampleIndex): HostTime | undefined {
  const epochSeconds = page.value('node_time_seconds');
  if (epochSeconds === undefined) return undefined;
  const [zone] = page.each('node_time_zone_offset_seconds', ({ time_zone = '' }, offsetSeconds) => ({
    name: time_zone,
    offsetSeconds,
  }));
  const available = page.each('node_time_clocksource_available_info', (labels) => [labels]);
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
