// Reads the options that protect the latency of writes during a change, and measures it with a canary.

import { createCanary } from '../../brokers/canary/canary.ts';
import { createLatencyWindow, type LatencyWindow } from '../../brokers/canary/latency-window.ts';
import type { KafkaClusterConfig } from '../../brokers/kafka/config.ts';
import { kafkaDriver } from '../../brokers/kafka/driver.ts';
import { AppError } from '../../core/errors.ts';
import { createLogger } from '../../core/log.ts';
import { seconds } from '../../core/units.ts';
import { defaultDelayedShare } from '../../ops/kafka/live/writes-wait.ts';
import type { CommandIo, Option } from '../command.ts';

export const latencyOptions = {
  'delayed-writes': {
    type: 'string',
    value: 'SHARE',
    help: `space hand-overs so that at most this share of all writes waits for one, such as ${100 * defaultDelayedShare}% (the default), or off`,
  },
  canary: {
    type: 'string',
    value: 'TOPIC',
    help: 'with --execute: send five messages a second to this topic, and slow the change down or pause it while their p99 is above 2 or 3 times the one before it',
  },
} as const satisfies Record<string, Option>;

/** @returns absent for `off`. @throws AppError usage */
export function delayedShare(options: CommandIo['options']): number | undefined {
  const given = options['delayed-writes'];
  if (given === undefined) return defaultDelayedShare;
  if (given === 'off') return undefined;
  const [, digits] = /^(\d+(?:\.\d+)?)%$/.exec(String(given)) ?? [];
  const share = Number(digits) / 100;
  if (share > 0 && share < 1) return share;
  throw new AppError('usage', `--delayed-writes: ${String(given)} is neither a share such as 0.5% nor off`);
}

const everySeconds = 0.2;
const lostAfter = seconds(10);

export interface WatchedLatency extends AsyncDisposable {
  latencies?: LatencyWindow['recent'];
}

/** Sends until it is disposed; nothing without `--canary`. */
export function watchLatency(
  { options, clock, signal, stderr }: CommandIo,
  { name, config }: { name: string; config: KafkaClusterConfig },
): WatchedLatency {
  const topic = options['canary'];
  if (typeof topic !== 'string') return { async [Symbol.asyncDispose]() {} };
  const window = createLatencyWindow(clock, lostAfter);
  const over = new AbortController();
  const canary = createCanary({
    cluster: name,
    config: { topic, everySeconds, lostAfterSeconds: lostAfter },
    open: (io) => kafkaDriver.traffic(name, config, io),
    record: window.record,
    clock,
    log: createLogger('error', stderr),
  });
  const running = canary.run({ signal: AbortSignal.any([signal, over.signal]) });
  return {
    latencies: window.recent,
    async [Symbol.asyncDispose]() {
      over.abort(new Error('the change is over'));
      await running;
    },
  };
}
