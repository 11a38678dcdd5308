// Compares the file systems of a host with the disks that a broker reports: the paths of a container are not the host's.

import type { FileSystem } from '../core/documents/evidence/host-reading.ts';
import { mountOf } from '../core/mount-of.ts';
import { parseRuntimeInfo } from './rocketmq/runtime-info.ts';
import type { ClusterSnapshot } from './snapshot.ts';

/** RocketMQ prints one decimal of the unit, such as `1.0 TiB`. */
const rounding = 0.05;

/** @returns whether the host has another file system at a path of the broker: one of another size */
export function isOnOtherDisks(broker: string, snapshot: ClusterSnapshot, fileSystems: readonly FileSystem[]): boolean {
  return disksOf(broker, snapshot).some(({ path, totalBytes }) => {
    const size = mountOf(path, fileSystems)?.size;
    return size !== undefined && Math.abs(size.totalBytes - totalBytes) > rounding * totalBytes;
  });
}

function disksOf(broker: string, { kafka, rocketmq }: ClusterSnapshot): { path: string; totalBytes: number }[] {
  const { runtime, config } = rocketmq?.brokers.find(({ id }) => id === broker) ?? {};
  const root = config?.get('storePathRootDir');
  const { diskTotalBytes } = parseRuntimeInfo(runtime);
  return [
    ...(kafka?.logDirectories ?? []).flatMap(({ broker: id, path, totalBytes }) =>
      id !== broker || totalBytes === undefined ? [] : { path, totalBytes: Number(totalBytes) },
    ),
    ...(root === undefined || diskTotalBytes === undefined ? [] : [{ path: root, totalBytes: diskTotalBytes }]),
  ];
}
