// Samples the counters of the local machine ten times per second, only while a consumer reads the results.

import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Bursts } from '../../core/documents/evidence/host-reading.ts';
import { endOfWait, ignoreFault } from '../../core/errors.ts';
import { parseNetDev } from '../proc/network.ts';
import { parseStat } from '../proc/stat.ts';
import { createBurstMeter, shareBursts } from './burst-meter.ts';

const windowSeconds = 0.1;
/** Without a call for this long, sampling stops until the next call. */
const idleSeconds = 300;
/** Size of /proc/stat for 256 cores without its line of interrupts; a longer text is cut, and its last line dropped. */
const mostBytes = 64 * 1024;

/** Reads two open files every 100 ms; a read that takes longer delays the next. */
export function watchBursts(files: { stat: string; dev: string }) {
  const meter = createBurstMeter(windowSeconds);
  const take = shareBursts(() => meter.take(), seconds());
  const buffers = { stat: Buffer.allocUnsafe(mostBytes), dev: Buffer.allocUnsafe(mostBytes) };
  let running: { stop: AbortController; ended: Promise<void> } | undefined;
  let requestedAt = 0;

  async function look(signal: AbortSignal): Promise<void> {
    await using stat = await open(files.stat);
    await using dev = await open(files.dev);
    while (!signal.aborted && seconds() - requestedAt < idleSeconds) {
      const from = seconds();
      const [cpus, cards] = await Promise.all([textOf(stat, buffers.stat), textOf(dev, buffers.dev)]);
      meter.observe({ from, to: seconds() }, parseStat(cpus), parseNetDev(cards));
      await pause(windowSeconds - (seconds() - from), signal);
    }
  }

  return {
    take(): Bursts {
      requestedAt = seconds();
      if (running === undefined) {
        const stop = new AbortController();
        // A kernel without these files has no burst figures.
        const ended = look(stop.signal)
          .catch(ignoreFault('a kernel without these files has no burst figures'))
          .finally(() => (running = undefined));
        running = { stop, ended };
      }
      return take(requestedAt);
    },
    async [Symbol.asyncDispose]() {
      running?.stop.abort();
      await running?.ended;
    },
  };
}

const seconds = () => performance.now() / 1000;

async function textOf(file: FileHandle, buffer: Buffer): Promise<string> {
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.toString('latin1', 0, bytesRead);
}

/** Does not keep the process alive. */
async function pause(duration: number, signal: AbortSignal): Promise<void> {
  await delay(Math.max(0, duration) * 1000, undefined, { signal, ref: false }).catch(endOfWait);
}
