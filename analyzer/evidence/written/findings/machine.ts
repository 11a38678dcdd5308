// Reports what written readings of CPU, disk, memory and GC allow to conclude, and what they do not.

import { traitsOf } from '../../../../core/broker-kind/registry.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { storedBytes, isReplication } from '../../../../core/wire/rocketmq-bytes.ts';
import type { Policy } from '../../../../core/policy/policy.ts';
import type { Figures } from '../figures.ts';
import { assumed } from '../traffic.ts';
import { evidenceOf, exact, megabyteRate, tpsText } from '../figure-text.ts';
import { percentText, pluralText } from '../../../../core/text/quantity-text.ts';

/** iowait is idle time, so the rest is an upper bound of the work. */
export function busyAtMost({ iowait }: Figures): number | undefined {
  return iowait && Math.round((1 - iowait.value) * 1e6) / 1e6;
}

export function cpuUnknown(figures: Figures): Finding | undefined {
  const { iowait, loadAverages, host } = figures;
  const atMost = busyAtMost(figures);
  const [load] = loadAverages;
  if (atMost === undefined && load === undefined) return undefined;
  const sentences = [
    iowait && atMost !== undefined
      ? `The CPU was at most ${percentText(atMost)} busy, since ${percentText(iowait.value)} of its time was iowait, which is idle; how busy exactly is unknown.`
      : 'How busy the CPU was is unknown.',
    load &&
      `A load average of ${exact(load.value)}${host?.cores === undefined ? '' : ` on ${pluralText(host.cores, 'core')}`} is no utilisation: it counts tasks that run, that wait for a core, and that wait for a disk.`,
    'User and system time, over all cores and of the hottest core, would show the cause.',
  ];
  return {
    severity: 'info',
    code: 'cpu-unknown',
    message: sentences.filter((sentence) => sentence !== undefined).join(' '),
    evidence: [
      ...(iowait === undefined ? [] : [evidenceOf(iowait.reading)]),
      ...loadAverages.map(({ reading }) => ({
        ...evidenceOf(reading),
        name: reading.windowSeconds === undefined ? 'load-average' : `load-average-${reading.windowSeconds / 60}m`,
      })),
    ],
  };
}

/** A core in iowait has at least one task that waits for a disk, and the load average counts that task. */
export function waitingTasks({ iowait, loadAverages, host }: Figures): Finding | undefined {
  if (iowait === undefined || host?.cores === undefined || loadAverages.length === 0) return undefined;
  const waiting = iowait.value * host.cores;
  const load = Math.max(...loadAverages.map(({ value }) => value));
  const evidence = [
    {
      name: 'waiting-tasks-at-least',
      value: waiting,
      unit: 'tasks',
      source: 'iowait × cores: one waiting task a core',
    },
    { name: 'load-average', value: load, unit: 'tasks', source: 'largest of the readings' },
  ];
  const words = `${percentText(iowait.value)} iowait on ${pluralText(host.cores, 'core')} means at least ${exact(waiting)} tasks that wait for a disk`;
  return waiting > load
    ? {
        severity: 'warning',
        code: 'iowait-exceeds-load',
        message: `${words}, and a load average of ${exact(load)} counts them: the two cannot be of the same moment and machine.`,
        evidence,
      }
    : {
        severity: 'info',
        code: 'load-average-counts-waiting',
        message: `If both are of the same minutes: ${words}; of a load average of ${exact(load)} that leaves at most ${exact(load - waiting)} that run or wait for a core. The load average then reflects the disk more than the CPU.`,
        evidence,
      };
}

export function diskUnknown({ iowait }: Figures, policy: Policy): Finding | undefined {
  if (iowait === undefined) return undefined;
  const severe = iowait.value > policy.readings.graveIowait.value;
  return {
    severity: severe ? 'critical' : 'warning',
    code: 'disk-unknown',
    message:
      `The disk is unknown and ${severe ? 'may be the limit already' : 'possibly the next ceiling'}: ${percentText(iowait.value)} iowait says that tasks wait for it, ` +
      'not how full it is. There is neither await nor utilisation; `iostat -x 1` on the master would give both.',
    evidence: [evidenceOf(iowait.reading)],
  };
}

/** Computes how long until the store reaches the share of the disk at which files are deleted early. */
export function retention(figures: Figures, policy: Policy): Finding | undefined {
  const { run, host, topology, messageBytes, tpsPerMaster, master } = figures;
  const size = host?.disks?.find(({ sizeBytes }) => sizeBytes !== undefined)?.sizeBytes;
  if (traitsOf(run.broker).retentionPer !== 'broker' || size === undefined || !isReplication(topology.replication))
    return undefined;
  const shape = { bodyBytes: messageBytes, topicBytes: assumed.topicBytes, clusterNameBytes: run.cluster.length };
  const growth = storedBytes(shape, topology.replication) * tpsPerMaster;
  const limit = policy.limits['disk-space'];
  const secondsToLimit = (size * limit.value) / growth;
  return {
    severity: 'info',
    code: 'retention',
    message:
      `At ${tpsText(tpsPerMaster)} messages/s the store of ${master} grows by ${megabyteRate(growth)} and an empty disk of ${exact(size / 1e12)} TB is at ${percentText(limit.value)} after ${exact(secondsToLimit / 3600)} hours: ` +
      `a rate for a peak. RocketMQ's default of 72 hours kept (fileReservedTime) allows ${tpsText((tpsPerMaster * secondsToLimit) / (72 * 3600))} messages/s on average.`,
    evidence: [
      {
        name: 'stored-bytes-per-second',
        value: growth,
        unit: 'bytes/s',
        source: 'byte arithmetic of the store of RocketMQ',
      },
      { name: 'time-to-limit', value: secondsToLimit, unit: 's', source: limit.source },
    ],
  };
}

export function collector({ fullGc, statements }: Figures): Finding | undefined {
  const young = statements['young-gc-interval-seconds'];
  if (fullGc === undefined) return undefined;
  const calm = fullGc.value === 0;
  const readings = [fullGc.reading, ...(young === undefined ? [] : [young])];
  return {
    severity: calm ? 'info' : 'warning',
    code: calm ? 'gc-calm' : 'full-gc',
    message: calm
      ? `The collector is calm: practically no full collection${young === undefined ? '' : `, a young one ${young.text ?? `every ${exact(young.value ?? 0)} s`}`}. The heap is no limit here; its size during the test is not said.`
      : `${pluralText(fullGc.value, 'full collection')} during the test: read the GC log before trusting the rate.`,
    evidence: readings.map(evidenceOf),
  };
}

export function memory({ statements }: Figures): Finding | undefined {
  const said = statements['memory-use'];
  if (said === undefined) return undefined;
  return {
    severity: 'info',
    code: 'memory-stated',
    message: `Memory by the text: ${said.text ?? said.source.quote}. No figure is given, so its utilisation stays unknown; page cache is meant to fill what is free.`,
    evidence: [evidenceOf(said)],
  };
}
