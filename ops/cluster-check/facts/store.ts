// Finds the disk that holds a broker's messages and the network interface that its clients use.

import type { DiskSettings, MountSettings } from '../../../core/documents/evidence/host-settings.ts';
import { defined } from '../../../core/defined.ts';
import { isOnOtherDisks } from '../../../brokers/reported-disks.ts';
import type { ClusterSnapshot } from '../../../brokers/snapshot.ts';
import { storesOf } from '../../../brokers/stores.ts';
import type { CheckedBroker, CheckedHost } from '../checked-cluster.ts';
import { isInContainer } from '../../../core/broker-hosts.ts';
import { mountOf } from '../../../core/mount-of.ts';

export interface Store {
  path?: string;
  mountpoint?: string;
  type?: string;
  options?: readonly string[];
  disk?: string;
  scheduler?: string;
  isRotational?: boolean;
  raidLevel?: string;
  /** Network card with the broker's address. */
  card?: string;
  isAddressCounted?: boolean;
  mountOf?(path: string): MountSettings | undefined;
  /** Why a value is absent, by its name. */
  reasons: Readonly<Record<string, string>>;
}

/** Values that depend on the mount of the folder. */
const ofMount = ['mountpoint', 'type', 'writesAccessTimes', 'scheduler', 'isRotational', 'device', 'raidLevel'];

/** Uses the first of several folders: brokers of both kinds fill them evenly. */
export function storeOf(place: CheckedBroker, snapshot?: ClusterSnapshot): Store {
  const { broker, host, process, settings } = place;
  const path = settings && storesOf(settings)[0]?.paths[0];
  const { processes, fileSystems = [] } = host?.reading ?? {};
  const isContained =
    isInContainer(process, processes) || (snapshot !== undefined && isOnOtherDisks(broker.id, snapshot, fileSystems));
  const mounts = isContained ? [] : (host?.settings?.mounts ?? []);
  const mount = path === undefined ? undefined : mountOf(path, mounts);
  const disk = mount === undefined ? undefined : diskOf(mount.device, host?.settings?.disks ?? []);
  const card = cardOf(place);
  return {
    ...defined({ path, disk: disk?.device, scheduler: disk?.scheduler, raidLevel: disk?.raidLevel }),
    ...defined({ isRotational: disk?.isRotational }),
    ...(mount && { mountpoint: mount.mountpoint, type: mount.type, options: mount.options }),
    ...card.known,
    mountOf: (file) => mountOf(file, mounts),
    reasons: {
      ...(path === undefined && { path: `broker ${broker.id} does not report where it stores messages` }),
      ...(path !== undefined &&
        !mount && { mountpoint: `no mount of ${path} was found`, type: `no mount of ${path} was found` }),
      ...(path !== undefined && isContained && Object.fromEntries(ofMount.map((name) => [name, inContainer(place)]))),
      ...(disk === undefined && mount && { scheduler: `${mount.device} is not a known disk` }),
      ...(card.reason !== undefined && { isAddressCounted: card.reason }),
    },
  };
}

const inContainer = ({ broker, host }: CheckedBroker) =>
  `broker ${broker.id} runs in a container or reports a disk of another size or with other free space, so the mounts of host ${host?.host ?? ''} do not show its storage folder`;

/** `/dev/sda1` is on `sda`, `/dev/nvme0n1p2` on `nvme0n1`, `/dev/mapper/vg-data` on the `dm-…` with that name and its members. */
function diskOf(device: string, disks: readonly DiskSettings[]): DiskSettings | undefined {
  const name = device.replace(/^\/dev\//, '');
  const mapped = name.startsWith('mapper/') ? name.slice('mapper/'.length) : undefined;
  const found =
    mapped === undefined
      ? disks.filter((disk) => isOn(disk, name)).toSorted((one, other) => other.device.length - one.device.length)[0]
      : disks.find(({ mapperName }) => mapperName === mapped);
  const [member] = found?.members ?? [];
  // A mapped device has no scheduler; its members do.
  if (found?.mapperName === undefined || member === undefined) return found;
  return disks.find((disk) => isOn(disk, member)) ?? found;
}

const isOn = (disk: DiskSettings, name: string) =>
  name === disk.device || (name.startsWith(disk.device) && /^p?\d+$/.test(name.slice(disk.device.length)));

/** name_assign_type of a name chosen by user space, as for a bond (include/uapi/linux/netdevice.h, NET_NAME_USER). */
const namedByUser = 3;

function cardOf({ broker, host, addresses }: CheckedBroker): {
  known: Pick<Store, 'card' | 'isAddressCounted'>;
  reason?: string;
} {
  if (host === undefined) return { known: {} };
  const cards = host.settings?.cards ?? {};
  const card = addresses.map((address) => cards[address]).find((each) => each !== undefined);
  if (card === undefined) {
    return {
      known: {},
      reason:
        broker.address === ''
          ? `address of broker ${broker.id} unknown`
          : `no network card of host ${host.host} has the address in ${broker.address}`,
    };
  }
  const counted = (host.inventory?.networkDevices ?? []).map(({ device }) => device);
  if (counted.length === 0) return { known: { card }, reason: `no card of host ${host.host} has counters` };
  if (isMadeOf(card, counted, host)) return { known: { card, isAddressCounted: true } };
  const link = host.reading?.links?.find(({ device }) => device === card);
  // The teamd driver reports no kind.
  const kind = link?.kind ?? (link?.numbers['name_assign_type'] === namedByUser ? 'software device' : undefined);
  if (kind !== undefined)
    return { known: { card }, reason: `${card} is a ${kind}, and none of its network cards has counters` };
  return { known: { card, isAddressCounted: false } };
}

/** True for a counted card, a bond of one, or a VLAN on either (`bond0.100`). */
function isMadeOf(card: string, counted: readonly string[], host: CheckedHost): boolean {
  const carriers = host.reading?.bonds?.find(({ device }) => device === card)?.carriers ?? [];
  if (counted.some((each) => each === card || carriers.includes(each))) return true;
  const dot = card.lastIndexOf('.');
  return dot > 0 && isMadeOf(card.slice(0, dot), counted, host);
}
