// Reads a host through a node_exporter that already runs on it.

import { type Clock, systemClock } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { authorizationHeader } from '../../core/http/http-config.ts';
import { textOf, responseOf } from '../../core/http/http-request.ts';
import type { ReadingSection } from '../../core/documents/evidence/host-reading.ts';
import type { NodeExporterHost } from '../config.ts';
import { createCpuGuard } from '../cpu-guard.ts';
import type { Io } from '../host-files.ts';
import { statedSpeed } from '../linux/probe.ts';
import { chooseCards, type NetworkCard } from '../nic-speed.ts';
import type { HostProbe } from '../probe.ts';
import { fileSystemsOf, networkCardsOf } from './devices.ts';
import type { SampleIndex } from './sample-index.ts';
import type { HostSettings } from '../../core/documents/evidence/host-settings.ts';
import { knownSysctls } from '../settings/sysctls.ts';
import { inventoryOf, parsePage, readingOf } from './page.ts';

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
