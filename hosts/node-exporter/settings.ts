// Reads kernel settings from node_exporter samples; most need --collector.sysctl.

import type { HostSettings } from '../../core/documents/evidence/host-settings.ts';
import { knownSysctls } from '../settings/sysctls.ts';
import { fileSystemsOf } from './devices.ts';
import type { SampleIndex } from './sample-index.ts';

const blind = 'its node_exporter does not export it: start it with --collector.sysctl.include for this key';

export function settingsOf(page: SampleIndex): HostSettings {
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
