// Reads hosts over SSH and follows their GC logs in a separate process, so that nothing else is counted.

import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { readingSections } from '../core/documents/evidence/host-reading.ts';
import { SshHost } from '../hosts/config.ts';
import { openSshHost } from '../hosts/ssh.ts';
import { cpuSecondsOf, peakResidentBytesOf } from './measured-process.ts';

const [path = '', stateDirectory = '', ...figures] = process.argv.slice(2);
const [periodSeconds = 0, periods = 0] = figures.map(Number);

/** All sections except processes, for which the cost depends on how many run on the machine. */
const sections = new Set(readingSections.filter((section) => section !== 'processes'));

const configs = SshHost.array().parse(JSON.parse(await readFile(path, 'utf8')));
const probes = configs.map((config, index) => openSshHost(`far-${index}`, config, { stateDirectory }));
const took: number[] = [];
let failed = 0;
/** Pauses counted so far, by machine and log. */
const pausesOf = new Map<string, number>();

async function readOne(probe: (typeof probes)[number], index: number): Promise<void> {
  const began = performance.now();
  try {
    const reading = await probe.sample(sections, { signal: AbortSignal.timeout(periodSeconds * 1000) });
    const { cpus, fileSystems, gcLogs } = reading;
    const isFollowing = gcLogs?.every(({ totals, trouble }) => totals !== undefined && trouble === undefined);
    if (cpus === undefined || fileSystems === undefined || isFollowing !== true) failed += 1;
    for (const { name, totals } of gcLogs ?? []) {
      const counts = (totals?.pauses ?? []).map(({ histogram }) => histogram.count);
      pausesOf.set(
        `${index} ${name}`,
        counts.reduce((sum, count) => sum + count, 0),
      );
    }
    took.push((performance.now() - began) / 1000);
  } catch (error) {
    failed += 1;
    process.stderr.write(`${(error as Error).message}\n`);
  }
}

/** Reads each machine at a different time of the period, because the simulated machines share this machine's cores. */
async function readEach(): Promise<void> {
  const began = performance.now();
  const step = (periodSeconds * 1000) / probes.length;
  await Promise.all(
    probes.map(async (probe, index) => {
      await delay(Math.max(0, index * step - (performance.now() - began)));
      await readOne(probe, index);
    }),
  );
  await delay(Math.max(0, periodSeconds * 1000 - (performance.now() - began)));
}

// Neither connecting nor the first minute of the compiler is part of the measurement.
await readEach();
process.stderr.write(`${probes.length} machines are connected\n`);
took.length = 0;
failed = 0;
const pausesBefore = new Map(pausesOf);
const [cpuBefore, began] = [cpuSecondsOf(process.pid), performance.now()];
for (let period = 1; period <= periods; period++) await readEach();
const wallSeconds = (performance.now() - began) / 1000;
const cores = (cpuSecondsOf(process.pid) - cpuBefore) / wallSeconds;
const slowestSeconds = Math.max(...took);
const logsThatStoodStill = [...pausesOf].filter(([log, pauses]) => pauses <= (pausesBefore.get(log) ?? 0)).length;
const residentBytes = peakResidentBytesOf(process.pid);
for (const probe of probes) await probe[Symbol.asyncDispose]();
process.stdout.write(
  JSON.stringify({
    cores,
    wallSeconds,
    residentBytes,
    slowestSeconds,
    failed,
    logsThatStoodStill,
  }),
);
