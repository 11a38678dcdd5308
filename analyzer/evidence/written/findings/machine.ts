// Reports which conclusions written readings of CPU, disk, memory and GC allow, and which they do not.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { findingOf } from '../../../../core/documents/findings/findings.ts';
import { storedBytes, isReplication } from '../../../../core/wire/rocketmq-bytes.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { Figures } from '../figures.ts';
import { assumed } from '../traffic.ts';

/** iowait is idle time, so the rest is an upper bound of the work. */
export function busyAtMost({ iowait }: Figures): number | undefined {
  return iowait && Math.round((1 - iowait.value) * 1e6) / 1e6;
}

export function cpuUnknown(figures: Figures): Finding | undefined {
  const { iowait, loadAverages, host } = figures;
  const atMost = busyAtMost(figures);
  const [load] = loadAverages;
  if (atMost === undefined && load === undefined) return undefined;
  return findingOf('cpu-unknown', {
    basis: 'stated',
    ...(iowait &&
      atMost !== undefined && { iowait: { share: iowait.value, busyAtMost: atMost, reading: iowait.reading } }),
    ...(load && { load: { value: load.value, ...(host?.cores !== undefined && { cores: host.cores }) } }),
    readings: loadAverages.map(({ reading }) => reading),
  });
}

/** A core in iowait has at least one task that waits for a disk, and the load average counts that task. */
export function waitingTasks({ iowait, loadAverages, host }: Figures): Finding | undefined {
  if (iowait === undefined || host?.cores === undefined || loadAverages.length === 0) return undefined;
  const waiting = iowait.value * host.cores;
  const load = Math.max(...loadAverages.map(({ value }) => value));
  const code = waiting > load ? 'iowait-exceeds-load' : 'load-average-counts-waiting';
  return findingOf(code, { iowait: iowait.value, cores: host.cores, waiting, load });
}

export function diskUnknown({ iowait }: Figures, policy: Policy): Finding | undefined {
  if (iowait === undefined) return undefined;
  const isSevere = iowait.value > policy.readings.graveIowait.value;
  return findingOf('disk-unknown', { basis: 'stated', iowait: iowait.value, isSevere, reading: iowait.reading });
}

/** Computes the time until the store reaches the share of the disk at which files are deleted early. */
export function retention(figures: Figures, policy: Policy): Finding | undefined {
  const { run, host, topology, messageBytes, tpsPerMaster, master } = figures;
  const size = host?.disks?.find(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes;
  if (traitsOf(run.broker).retentionPer !== 'broker' || size === undefined || !isReplication(topology.replication))
    return undefined;
  const shape = { bodyBytes: messageBytes, topicBytes: assumed.topicBytes, clusterNameBytes: run.cluster.length };
  const growth = storedBytes(shape, topology.replication) * tpsPerMaster;
  const limit = policy.limits['disk-space'];
  return findingOf('retention', {
    master,
    tps: tpsPerMaster,
    growthBytes: growth,
    diskBytes: size,
    limit,
    secondsToLimit: (size * limit.value) / growth,
  });
}

export function collector({ fullGc, statements }: Figures): Finding | undefined {
  const young = statements['young-gc-interval-seconds'];
  if (fullGc === undefined) return undefined;
  return findingOf(fullGc.value === 0 ? 'gc-calm' : 'full-gc', {
    fullCollections: fullGc.value,
    ...(young && { young: { seconds: young.value ?? 0, text: young.text } }),
    readings: [fullGc.reading, ...(young === undefined ? [] : [young])],
  });
}

export function memory({ statements }: Figures): Finding | undefined {
  const reading = statements['memory-use'];
  return reading && findingOf('memory-stated', { reading });
}
