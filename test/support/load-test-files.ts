// Generates output of other load generators.

import type { JoinOptions } from '../../analyzer/evidence/importers/joined/joined-run.ts';

export const nothingStated: JoinOptions = {
  starts: { byFile: new Map() },
  clockOffsets: { byFile: new Map() },
  rates: { byFile: new Map() },
  hosts: { cores: { byFile: new Map() }, memoryBytes: { byFile: new Map() }, links: [], names: new Map() },
};

/** Changes a rate by up to `spread`, deterministically. */
const moved = (rate: number, index: number, spread: number) => rate * (1 + spread * Math.sin(index * 2.3));

interface Made {
  rate: number;
  windows?: number;
  bytes?: number;
  spread?: number;
  latencyMs?: number;
}

/** Prints windows of five seconds and the total, whose rate is that of the windows. */
export function producerPerfLog({ rate, windows = 8, bytes = 1024, spread = 0.001, latencyMs = 3 }: Made): string {
  const counts = Array.from({ length: windows }, (_, index) => Math.round(5 * moved(rate, index, spread)));
  const mib = (perSecond: number) => ((perSecond * bytes) / 2 ** 20).toFixed(2);
  const lines = counts.map(
    (count) =>
      `${count} records sent, ${(count / 5).toFixed(1)} records/sec (${mib(count / 5)} MB/sec), ${latencyMs.toFixed(1)} ms avg latency, 63.0 ms max latency.`,
  );
  const sum = counts.reduce((all, count) => all + count, 0);
  const mean = sum / (5 * windows);
  const total = `${sum} records sent, ${mean.toFixed(6)} records/sec (${mib(mean)} MB/sec), ${latencyMs.toFixed(2)} ms avg latency, 205.00 ms max latency, 1 ms 50th, 2 ms 95th, 4 ms 99th, 14 ms 99.9th.`;
  return `${[...lines, total].join('\n')}\n`;
}

/** Prints lines of RocketMQ 4.8 to 5.0, every ten seconds. @param start epoch milliseconds */
export function rocketmqProducerLog({ rate, windows = 8, bytes = 512, spread = 0.03 }: Made, start: number): string {
  const lines = Array.from(
    { length: windows },
    (_, index) =>
      `Current Time: ${start + 10_000 * (index + 1)} Send TPS: ${Math.round(moved(rate, index, spread))} Max RT(ms): 300 Average RT(ms):   0.500 Send Failed: 0 Response Failed: 0`,
  );
  return `topic: BenchmarkTest threadCount: 64 messageSize: ${bytes} keyEnable: false propertySize: 0 tagCount: 0 traceEnable: false aclEnable: false messageQuantity: 0\ndelayEnable: false delayLevel: 1\nasyncEnable: false\n${lines.join('\n')}\n`;
}

export function rocketmqConsumerLog({ rate, windows = 8 }: Made, start: number): string {
  return Array.from(
    { length: windows },
    (_, index) =>
      `Current Time: ${start + 10_000 * (index + 1)} TPS: ${Math.round(rate)} FAIL: 0 AVG(B2C) RT(ms):   1.000 AVG(S2C) RT(ms):   0.900 MAX(B2C) RT(ms): 20 MAX(S2C) RT(ms): 19\n`,
  ).join('');
}

export function ombResult(over: Record<string, unknown> = {}): string {
  const rates = Array.from({ length: 12 }, (_, index) => moved(50_000, index, 0.002));
  return JSON.stringify(
    {
      workload: '1 topic / 16 partitions / 1Kb',
      driver: 'Kafka',
      messageSize: 1024,
      publishRate: rates,
      publishErrorRate: rates.map(() => 0),
      consumeRate: rates,
      backlog: rates.map(() => 0),
      publishLatencyMax: rates.map(() => 90),
      aggregatedPublishLatencyAvg: 5,
      aggregatedPublishLatency50pct: 4,
      aggregatedPublishLatency99pct: 40,
      aggregatedPublishLatency999pct: 80,
      aggregatedPublishLatencyMax: 90,
      ...over,
    },
    undefined,
    2,
  );
}

/** Prints output of `sar -u 1` in the C locale, from a time of day on. */
export function sarCpu({
  seconds,
  from,
  day = '11/20/26',
  busy = 20,
}: {
  seconds: number;
  from: string;
  day?: string;
  busy?: number;
}): string {
  const [hours = 0, minutes = 0, second = 0] = from.split(':').map(Number);
  const start = hours * 3600 + minutes * 60 + second;
  const clock = (at: number) =>
    [Math.floor(at / 3600) % 24, Math.floor(at / 60) % 60, at % 60]
      .map((part) => String(part).padStart(2, '0'))
      .join(':');
  const rows = Array.from(
    { length: seconds },
    (_, index) =>
      `${clock(start + index + 1)}        all     ${busy.toFixed(2)}      0.00      0.00      0.00      0.00     ${(100 - busy).toFixed(2)}`,
  );
  return `Linux 6.1.0 (mq-1) \t${day} \t_x86_64_\t(16 CPU)\n\n${clock(start)}        CPU     %user     %nice   %system   %iowait    %steal     %idle\n${rows.join('\n')}\n`;
}

/** Prints output of `sar -n DEV 1` in the C locale: kilobytes and packets per second. */
export function sarNetwork({
  rates,
  from,
  day = '11/20/26',
  bytesIn,
  bytesOut,
}: {
  rates: readonly number[];
  from: string;
  day?: string;
  bytesIn: number;
  bytesOut: number;
}): string {
  const [hours = 0, minutes = 0, second = 0] = from.split(':').map(Number);
  const start = hours * 3600 + minutes * 60 + second;
  const clock = (at: number) =>
    [Math.floor(at / 3600) % 24, Math.floor(at / 60) % 60, at % 60]
      .map((part) => String(part).padStart(2, '0'))
      .join(':');
  const heading = 'IFACE   rxpck/s   txpck/s    rxkB/s    txkB/s   rxcmp/s   txcmp/s  rxmcst/s   %ifutil';
  const row = (device: string, rate: number) =>
    `${device.padStart(9)} ${(rate / 10).toFixed(2)} ${(rate / 10).toFixed(2)} ${((rate * bytesIn) / 1024).toFixed(2)} ${((rate * bytesOut) / 1024).toFixed(2)} 0.00 0.00 0.00 0.00`;
  const seconds = rates.map(
    (rate, index) =>
      `${clock(start + index)}        ${heading}\n${clock(start + index + 1)} ${row('lo', 0)}\n${clock(start + index + 1)} ${row('eth0', moved(rate, index, 0.01))}\n`,
  );
  return `Linux 6.1.0 (mq-1) \t${day} \t_x86_64_\t(16 CPU)\n\n${seconds.join('\n')}`;
}
