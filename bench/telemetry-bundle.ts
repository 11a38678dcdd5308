// Generates a run bundle with a gigabyte of telemetry of simulated hosts.

import { createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { HostReading } from '../core/documents/evidence/host-reading.ts';
import type { JournalLine, RunDocument } from '../core/documents/run-bundle.ts';
import type { TelemetryRecord } from '../core/documents/evidence/telemetry.ts';
import { createLatencyRecorder } from '../loadgen/record/latency.ts';
import { drawOf } from '../loadgen/plan/messages/draw.ts';

export interface BundleShape {
  hosts: number;
  steps: number;
  stepSeconds: number;
  /** Seconds between two readings of a host. */
  everySeconds: number;
  seed: number;
}

const cores = 4;
const linkBitsPerSecond = 10e9;
const frameBytes = 1500;
const messageBytes = 500;
/** Rate of the last step, at which half of the cores are busy. */
const highestRate = 6000;
const variants = 32;
const memoryTotal = 64 * 2 ** 30;

/** @returns samples and bytes of its telemetry */
export async function writeTelemetryBundle(
  folder: string,
  shape: BundleShape,
): Promise<{ samples: number; bytes: number }> {
  await writeFile(join(folder, 'run.json'), JSON.stringify(documentOf(shape)));
  await writeLines(join(folder, 'journal.ndjson'), journalOf(shape));
  return writeLines(join(folder, 'telemetry.ndjson'), telemetryOf(shape));
}

async function writeLines(path: string, records: Iterable<object>): Promise<{ samples: number; bytes: number }> {
  const file = createWriteStream(path);
  const written = { samples: 0, bytes: 0 };
  let lines = '';
  for (const record of records) {
    lines += `${JSON.stringify(record)}\n`;
    written.samples += 1;
    if (lines.length < 2 ** 20) continue;
    written.bytes += lines.length;
    if (!file.write(lines)) await once(file, 'drain');
    lines = '';
  }
  file.end(lines);
  await finished(file);
  return { ...written, bytes: written.bytes + lines.length };
}

function documentOf({ hosts, steps, stepSeconds, seed }: BundleShape): RunDocument {
  const names = Array.from({ length: hosts }, (_, host) => hostName(host));
  return {
    schemaVersion: 1,
    id: `made-up-${seed}`,
    origin: 'load-test',
    broker: 'kafka',
    cluster: 'made-up',
    workload: { messageBytes, groups: 0 },
    startedAt: '2026-01-01T00:00:00.000Z',
    profile: { name: 'steps', description: `${steps} steps` },
    warmUpSeconds: 0,
    steps: Array.from({ length: steps }, (_, step) => ({
      targetTps: rateOf(step, steps),
      durationSeconds: stepSeconds,
    })),
    environment: {
      hosts: names.map((host) => ({
        host,
        cores,
        networkDevices: [{ device: 'eth0', speed: { bitsPerSecond: linkBitsPerSecond, source: 'stated' } }],
        disks: [{ device: 'nvme0n1', sizeBytes: 2e12 }],
        writeback: { expireSeconds: 30, dirtyThresholdBytes: 2e9 },
      })),
      brokers: names.map((host, index) => ({ id: String(index), address: `${host}:9092`, host })),
    },
    versions: {},
  };
}

const hostName = (host: number) => `kafka-${host}`;
const rateOf = (step: number, steps: number) => Math.round((highestRate * (step + 1)) / steps);

function* journalOf({ steps, stepSeconds }: BundleShape): Iterable<JournalLine> {
  const recorder = createLatencyRecorder();
  for (let step = 0; step < steps; step += 1) {
    const targetTps = rateOf(step, steps);
    // Several variants, so that consecutive seconds differ.
    const latencies = Array.from({ length: variants }, (_, variant) => {
      for (let message = 0; message < targetTps; message += 1) {
        recorder.record(0.002 + ((0.003 + 0.0005 * variant) * message) / targetTps);
      }
      return recorder.take();
    });
    yield { kind: 'step-started', elapsedSeconds: step * stepSeconds, step, targetTps };
    for (let second = 1; second <= stepSeconds; second += 1) {
      yield {
        kind: 'produced',
        elapsedSeconds: step * stepSeconds + second,
        intervalSeconds: 1,
        worker: 'producer-0',
        intended: targetTps,
        sent: targetTps,
        acknowledged: targetTps,
        failed: 0,
        requests: targetTps / 50,
        bytes: targetTps * messageBytes,
        latency: latencies[second % variants] as string,
        sendDelay: latencies[(second + variants / 2) % variants] as string,
        eventLoopUtilisation: 0.2,
        eventLoopDelayMaxSeconds: 0.002,
        cpuSeconds: 0.2,
      };
    }
  }
  const elapsedSeconds = steps * stepSeconds;
  yield { kind: 'step-ended', elapsedSeconds, step: steps - 1 };
  yield { kind: 'run-ended', elapsedSeconds, status: 'completed' };
}

function* telemetryOf({ hosts, steps, stepSeconds, everySeconds, seed }: BundleShape): Iterable<TelemetryRecord> {
  const draw = drawOf(seed, 79);
  let drawn = 0;
  const machines = Array.from({ length: hosts }, () => new Machine(() => draw(drawn++)));
  for (let at = 0; at <= steps * stepSeconds; at += everySeconds) {
    const rate = at === 0 ? 0 : rateOf(Math.ceil(at / stepSeconds) - 1, steps);
    for (const [host, machine] of machines.entries()) {
      machine.work(rate, at === 0 ? 0 : everySeconds);
      yield {
        kind: 'host',
        host: hostName(host),
        elapsedSeconds: at,
        scrapeSeconds: 0.004,
        reading: machine.reading(),
      };
    }
  }
}

type Cores = NonNullable<HostReading['cpus']>;

/** Counters of one host, with one percent of noise so that readings differ. */
class Machine {
  readonly #draw: () => number;
  readonly #cpus: Cores;
  #uptimeSeconds: number;
  #wireBytes = 1e9;
  #writtenBytes = 1e9;
  #diskSeconds = 100;
  #rate = 0;

  constructor(draw: () => number) {
    this.#draw = draw;
    this.#uptimeSeconds = Math.round(1e6 * draw());
    this.#cpus = Array.from({ length: cores }, () => ({
      user: 1000,
      nice: 0,
      system: 500,
      idle: this.#uptimeSeconds,
      iowait: 10,
      irq: 0,
      softirq: 20,
      steal: 0,
    }));
  }

  work(rate: number, seconds: number): void {
    const noise = () => 1 + 0.02 * (this.#draw() - 0.5);
    this.#rate = rate;
    this.#uptimeSeconds += seconds;
    for (const cpu of this.#cpus) {
      const busy = seconds * (0.02 + 8e-5 * rate) * noise();
      cpu.user = hundredths(cpu.user + 0.6 * busy);
      cpu.system = hundredths(cpu.system + 0.3 * busy);
      cpu.softirq = hundredths(cpu.softirq + 0.1 * busy);
      cpu.idle = hundredths(cpu.idle + seconds - busy);
    }
    this.#wireBytes = Math.round(this.#wireBytes + seconds * (1e4 + 600 * rate) * noise());
    this.#writtenBytes = Math.round(this.#writtenBytes + seconds * (4096 + 550 * rate) * noise());
    this.#diskSeconds = hundredths(this.#diskSeconds + seconds * (0.001 + 4e-5 * rate) * noise());
  }

  reading(): HostReading {
    const packets = Math.round(this.#wireBytes / frameBytes);
    const taken = Math.round(8e9 + 1e6 * this.#draw());
    return {
      uptimeSeconds: this.#uptimeSeconds,
      cpus: this.#cpus,
      load: { one: hundredths(this.#rate / 5000), five: 0.5, fifteen: 0.5 },
      memoryBytes: {
        MemTotal: memoryTotal,
        MemFree: 2 ** 30,
        MemAvailable: memoryTotal - taken,
        Cached: 40 * 2 ** 30,
        Dirty: Math.round(1e8 * this.#draw()),
        Writeback: 0,
      },
      disks: [
        {
          device: 'nvme0n1',
          readsCompleted: 20_000,
          readBytes: 1e9,
          readTimeSeconds: 10,
          writesCompleted: Math.round(this.#writtenBytes / 65_536),
          writtenBytes: this.#writtenBytes,
          writeTimeSeconds: this.#diskSeconds,
          ioNow: 0,
          ioTimeSeconds: this.#diskSeconds,
          ioTimeWeightedSeconds: this.#diskSeconds,
        },
      ],
      networkDevices: [
        {
          device: 'eth0',
          receiveBytes: this.#wireBytes,
          receivePackets: packets,
          receiveErrors: 0,
          receiveDrops: 0,
          transmitBytes: this.#wireBytes,
          transmitPackets: packets,
          transmitErrors: 0,
          transmitDrops: 0,
        },
      ],
    };
  }
}

function hundredths(value: number): number {
  return Math.round(100 * value) / 100;
}
