// Computes the use of each resource in a changed cluster: idle use stays, load-dependent use is scaled.

import { scaledUse } from '../../verdict/limits/resources/use.ts';
import { generatorNode, isProxyNode, type ResourceUse } from '../../verdict/limits/resource-use.ts';
import type { FittedResource } from '../../verdict/fit/resource-fit.ts';
import { useAt } from '../../verdict/fit/use-law.ts';
import type { Alternative } from './alternative.ts';
import type { ChangedBytes } from './changed-bytes.ts';

export interface Spreading {
  /** Brokers, or masters, before and after. */
  brokers: { before: number; after: number };
  /** Data disks of a host. */
  disksOf(node: string): number;
}

export interface ChangedLoad {
  bytes: ChangedBytes;
  spreading: Spreading;
  /** Whether CPU is proportional to bytes or to messages. */
  cpuByBytes: boolean;
}

export function changedUse(fitted: FittedResource, change: Alternative, load: ChangedLoad): ResourceUse {
  const { law: _, safe: __, saturation: ___, peak: ____, surePeaks: _____, spared: ______, overhead, ...use } = fitted;
  if (use.node === generatorNode) return use;
  // More brokers do not relieve a proxy, whose card differs from theirs.
  const isOfProxy = isProxyNode(use.node);
  const { before, after } = load.spreading.brokers;
  const share = isOfProxy ? 1 : before / after;
  const own = ownFactor(use, change, load);
  const factor = share * own;
  const means = use.uses.flatMap((each) => (each ? [each.mean] : []));
  const idle = Math.max(0, Math.min(fitted.law ? useAt(fitted.law, 0) : 0, ...means));
  const faster = change.nic !== undefined && use.kind === 'network' && !isOfProxy;
  return {
    ...use,
    // How much other messages fill their segments is unknown.
    ...(overhead && own === 1 && { overhead }),
    ...(faster && {
      capacity: {
        ...use.capacity,
        value: (change.nic ?? 0) / 8,
        source: `--what-if nic, in place of ${use.capacity.source}`,
      },
    }),
    ...(use.hottestCore && { hottestCore: use.hottestCore.map((each) => each && each * factor) }),
    uses: use.uses.map((each) => scaledUse(each, factor, idle)),
  };
}

function ownFactor(
  { resource, node }: ResourceUse,
  change: Alternative,
  { bytes, spreading, cpuByBytes }: ChangedLoad,
): number {
  const ofNode = bytes.ofNode(node);
  const disks = spreading.disksOf(node);
  switch (resource) {
    case 'network-in':
      return ofNode.in;
    case 'network-out':
      return ofNode.out;
    case 'disk-io':
      return (ofNode.disk * disks) / (change.disks ?? disks);
    case 'disk-space':
      return ofNode.disk;
    case 'produce-quota':
      return bytes.produced;
    case 'fetch-quota':
      return bytes.fetched;
    default:
      return cpuByBytes ? ofNode.bytes : 1;
  }
}
