// Reads a host through a node_exporter that already runs on it.

import { type Clock, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { authorizationHeader } from '../../core/http/http-authorization.ts';
import { textOf } from '../../core/http/http-text.ts';
import { responseOf } from '../../core/http/response-of.ts';
import {
  type CpuMode,
  cpuModes,
  type CpuTimes,
  type HostInventory,
  type HostReading,
  type HostTime,
  type ReadingSection,
} from '../../core/documents/evidence/host-reading.ts';
import type { NodeExporterHost } from '../config.ts';
import { createCpuGuard } from '../cpu-guard.ts';
import type { Io } from '../host-files.ts';
import { statedSpeed } from '../linux/probe.ts';
import { chooseCards, type NetworkCard } from '../nic-speed.ts';
import type { HostProbe } from '../probe.ts';
import { bondsOf, cardsOf, disksOf, fileSystemsOf, linksOf, networkCardsOf, queuesOf, softnetOf } from './devices.ts';
import { entryOf, indexSamples, type SampleIndex, textsOf } from './sample-index.ts';
import type { HostSettings } from '../../core/documents/evidence/host-settings.ts';
import { knownSysctls } from '../settings/sysctls.ts';
import { readSamples } from '../../core/text/prometheus-text.ts';
import { kernelFigures } from './names.ts';
import { present, presentRecord } from '../present.ts';
import { defined } from '../../core/defined.ts';

/** For a machine with hundreds of cards, disks and systemd units, the page has 2 MB. */
const mostBytes = 32 * 1024 * 1024;
const factsAgeSeconds = 60;

export function openNodeExporterHost(
  host: string,
  config: NodeExporterHost,
  { clock = systemClock }: { clock?: Clock } = {},
): HostProbe {
  const guard = createCpuGuard();
  const stated = statedSpeed(config.network);
  let known: { page: SampleIndex; at: number } | undefined;

  async function read(io: Io): Promise<SampleIndex> {
    const page = await fetchPage(host, config, io);
    known = { page, at: clock.monotonic() };
    return page;
  }

  return {
    async describe(io) {
      const isFresh = known !== undefined && clock.monotonic() - known.at < factsAgeSeconds;
      const page = isFresh && known ? known.page : await read(io);
      const { devices } = config.network;
      const cards = chooseCards(networkCardsOf(page), devices);
      // If several cards may be a bond and its members, the configured speed does not apply to each of them.
      const hasSpeed = ({ isPhysical }: NetworkCard) => devices !== undefined || isPhysical || cards.length === 1;
      return {
        host,
        ...inventoryOf(page),
        networkDevices: cards.map((card) => ({
          device: card.device,
          ...(stated && hasSpeed(card) && { speed: stated }),
        })),
      };
    },

    async sample(wanted, io) {
      const reading = readingOf(await read(io));
      if (reading.cpus) reading.cpus = guard(reading.cpus);
      const sections = Object.entries(reading).filter(([section]) => wanted.has(section as ReadingSection));
      return Object.fromEntries(sections);
    },

    settings: async (io) => settingsOf(await read(io)),

    async [Symbol.asyncDispose]() {},
  };
}

async function fetchPage(host: string, { url, authorization }: NodeExporterHost, { signal }: Io): Promise<SampleIndex> {
  const fail = (what: string, hint: string, cause?: unknown) =>
    new AppError('host-unreadable', `cannot read host ${host} from ${url}: ${what}`, { hint, cause });
  const headers = authorizationHeader(authorization);
  const response = await responseOf(url, { signal, redirect: 'manual', headers }, (reason, cause) =>
    fail(reason, 'a node_exporter listens on port 9100 by default', cause),
  );
  const { status } = response;
  if (status !== 200) await response.body?.cancel();
  if (status === 401 || status === 403) {
    const hint = 'state `authorization` with username and password, or with bearerToken, as its web config asks';
    throw new AppError('credentials-refused', `${url} of host ${host} answered with HTTP ${status}`, { hint });
  }
  if (status !== 200) throw fail(`it answered with HTTP ${status}`, 'name the path too: http://broker-1:9100/metrics');
  const tooLong = () => fail(`the page is longer than ${mostBytes} bytes`, 'is this the page of a node_exporter?');
  const text = await textOf(response, mostBytes, tooLong);
  const page = parsePage(text);
  if (page !== undefined) return page;
  if (text.trimStart().startsWith('<')) {
    throw fail('this is a page for people', 'name the path too: http://broker-1:9100/metrics');
  }
  throw fail(
    'the page has no metrics of a node_exporter',
    'name the page of the node_exporter, not of another exporter',
  );
}

const blind = 'its node_exporter does not export it: start it with --collector.sysctl.include for this key';

/** Reads kernel settings from node_exporter samples; most need --collector.sysctl. */
function settingsOf(page: SampleIndex): HostSettings {
  const entries = knownSysctls.flatMap((key) => {
    const values = page.each(`node_sysctl_${key.replaceAll(/[^a-z0-9]/gi, '_')}`, (_, value) => value);
    return values.length === 0 ? [] : [[key, values.join(' ')] as const];
  });
  const sysctls: Record<string, string> = Object.fromEntries(entries);
  const [release] = page.each('node_uname_info', (labels) => labels['release']);
  if (release !== undefined) sysctls['kernel.osrelease'] = release;
  return {
    sysctls,
    unread: Object.fromEntries(knownSysctls.filter((key) => !(key in sysctls)).map((key) => [key, blind])),
    hugePages: {},
    disks: [],
    mounts: fileSystemsOf(page).map(({ device, mountpoint, type, isReadOnly }) => ({
      device,
      mountpoint,
      type,
      options: [isReadOnly ? 'ro' : 'rw'],
    })),
    cards: Object.fromEntries(
      page.each('node_network_address_info', ({ address = '', device = '' }) => [[address, device] as const]),
    ),
  };
}

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
function inventoryOf(page: SampleIndex): Omit<HostInventory, 'host' | 'networkDevices'> {
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
