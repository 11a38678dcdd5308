// Reads the wall clock, the time zone and the clock source of a host.

import { basename, join } from 'node:path/posix';
import type { HostTime } from '../../core/documents/evidence/host-reading.ts';
import { parseKernelActivity } from '../proc/stat.ts';
import { parseTimeZone } from '../proc/time-zone.ts';
import { parseUptime } from '../proc/uptime.ts';
import type { LinuxRoots, LinuxSection, Listing } from './roots.ts';

const statIn = ({ procfs }: LinuxRoots) => join(procfs, 'stat');
const uptimeIn = ({ procfs }: LinuxRoots) => join(procfs, 'uptime');
const zoneIn = ({ rootfs }: LinuxRoots) => join(rootfs, 'etc/localtime');
const clocksIn = ({ sysfs }: LinuxRoots) => join(sysfs, 'devices/system/clocksource');

/** No file contains the time; boot time in whole seconds plus uptime gives it, up to a second early. */
export const time: LinuxSection<HostTime> = {
  folders: (roots) => [clocksIn(roots)],
  files: (roots, listing) => [
    statIn(roots),
    uptimeIn(roots),
    zoneIn(roots),
    ...clockFolders(roots, listing).flatMap((folder) => [currentIn(folder), availableIn(folder)]),
  ],
  parse(textOf, roots, listing) {
    const booted = parseKernelActivity(textOf(statIn(roots)) ?? '')?.bootTimeSeconds;
    const up = parseUptime(textOf(uptimeIn(roots)) ?? '');
    if (booted === undefined || up === undefined) return undefined;
    const epochSeconds = booted + up;
    const zone = parseTimeZone(textOf(zoneIn(roots)) ?? '', epochSeconds);
    const clockSources = clockFolders(roots, listing).flatMap((folder) => {
      const current = textOf(currentIn(folder))?.trim();
      const available = textOf(availableIn(folder))?.trim().split(/\s+/) ?? [];
      return current === undefined ? [] : [{ device: basename(folder).slice(prefix.length), current, available }];
    });
    return { epochSeconds, ...(zone && { zone }), clockSources };
  },
};

const prefix = 'clocksource';
const currentIn = (folder: string) => join(folder, 'current_clocksource');
const availableIn = (folder: string) => join(folder, 'available_clocksource');

function clockFolders(roots: LinuxRoots, listing: Listing): string[] {
  const names = listing.get(clocksIn(roots)) ?? [];
  return names.filter((name) => /^clocksource\d+$/.test(name)).map((name) => join(clocksIn(roots), name));
}
