// Defines rocketmq-exporter's families of runtime metrics: put times, rates, thread pools.

import { readWhole, type RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';

export interface RuntimeMetric {
  help: string;
  unit: string;
  value: (figures: RuntimeFigures, table: ReadonlyMap<string, string>) => number | bigint | undefined;
  /** The equivalent under our default names. */
  ours?: string;
  differs?: string;
}

export const milliseconds = (seconds: number | undefined) =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1e3;

export function putTimes(): Record<string, RuntimeMetric> {
  const ranges: readonly (readonly [range: string, uptoSeconds: number])[] = [
    ['0ms', 0],
    ['0to10ms', 0.01],
    ['10to50ms', 0.05],
    ['50to100ms', 0.1],
    ['100to200ms', 0.2],
    ['200to500ms', 0.5],
    ['500to1s', 1],
    ['1to2s', 2],
    ['2to3s', 3],
    ['3to4s', 4],
    ['4to5s', 5],
    ['5to10s', 10],
    ['10stomore', Infinity],
  ];
  return Object.fromEntries(
    ranges.map(([range, upto]) => [
      `pmdt_${range}`,
      {
        help: `Messages of the last whole minute that took ${range} to store.`,
        unit: 'messages',
        value: ({ putLatencyBuckets }) => putLatencyBuckets.find(({ uptoSeconds }) => uptoSeconds === upto)?.messages,
        ours: `rocketmq_broker_last_minute_puts{upto_seconds="${upto === Infinity ? '+Inf' : upto}"}`,
      },
    ]),
  );
}

export function rates(
  name: string,
  what: string,
  of: (figures: RuntimeFigures) => RuntimeFigures['putRates'],
  ours?: string,
): Record<string, RuntimeMetric> {
  const spans = { 10: 'over10Seconds', 60: 'over60Seconds', 600: 'over600Seconds' } as const;
  return Object.fromEntries(
    Object.entries(spans).map(([span, key]) => [
      `${name}_tps${span}`,
      {
        help: `Mean of the last ${span} s per second: ${what}.`,
        unit: 'per second',
        value: (figures) => of(figures)[key],
        ...(ours === undefined ? {} : { ours }),
        differs: 'absent until the broker is that old; upstream prints 0',
      },
    ]),
  );
}

export function day(help: string, key: string, direction: 'put' | 'get'): RuntimeMetric {
  return {
    help: `${help}.`,
    unit: 'messages',
    value: (_, table) => readWhole(table.get(key)),
    ours: `rocketmq_broker_${direction}_messages_total, increase() over the day`,
  };
}

export function latency(
  share: string,
  of: (figures: RuntimeFigures) => number | undefined,
  short: string,
): RuntimeMetric {
  return {
    help: `${share} of the messages of the last whole minute were stored within this time.`,
    unit: 'milliseconds',
    value: (figures) => milliseconds(of(figures)),
    ours: `rocketmq_broker_put_latency_${short}_seconds * 1000`,
    differs: 'absent if the broker does not report it; upstream prints -1',
  };
}

const pool = (name: Pool) => `{pool="${name}"}`;

type Pool = 'send' | 'pull' | 'query';
const queueOf = ({ threadPools }: RuntimeFigures, name: Pool) => threadPools.find((queue) => queue.pool === name);

export function poolSize(name: Pool): RuntimeMetric {
  return {
    help: `Requests that wait for a thread of the ${name} pool.`,
    unit: 'requests',
    value: (figures) => queueOf(figures, name)?.size,
    ours: `rocketmq_broker_request_queue_length${pool(name)}`,
  };
}

export function poolCapacity(name: Pool): RuntimeMetric {
  return {
    help: `Requests the queue of the ${name} pool holds.`,
    unit: 'requests',
    value: (figures) => queueOf(figures, name)?.capacity,
    ours: `rocketmq_broker_request_queue_capacity${pool(name)}`,
  };
}

export function poolWait(name: Pool): RuntimeMetric {
  return {
    help: `How long the oldest request of the ${name} pool has waited.`,
    unit: 'milliseconds',
    value: (figures) => milliseconds(queueOf(figures, name)?.headWaitSeconds),
    ours: `rocketmq_broker_request_queue_head_wait_seconds${pool(name)} * 1000`,
  };
}
