// Reads the counters and figures of a load test out of a Kafka broker's JMX values.

import type { BrokerCounters, BrokerReading } from '../../figures/broker-reading.ts';
import type { BrokerInternals } from '../details.ts';
import { counterMetrics, gaugeMetrics, type InternalMetricName } from '../internals/bean-metrics.ts';
import { mostIdleRatio } from '../internals/watch-internals.ts';

/** Collectors that run beside the application: ZGC, Shenandoah and CMS count cycles in which threads keep running. */
const concurrent = /Cycles$|^ConcurrentMarkSweep$/;
/** Pools outside the heap. */
const outsideHeap = /Metaspace|Code|Class Space|Perm/;
/** Pools for which the JVM reports 0 before their first collection. */
const oldGeneration = /Old|Tenured/;

type Lookup = (metric: InternalMetricName, ...labels: readonly string[]) => number | undefined;

/** Returns the broker's total counters: those of `internalsReading` that need no reading time. */
export function internalsCounters({ values }: BrokerInternals): Pick<BrokerReading, 'startedAtSeconds' | 'counters'> {
  const of = lookupIn(values);
  const startedAtSeconds = of('kafka_broker_jvm_start_time_seconds');
  return { ...(startedAtSeconds !== undefined && { startedAtSeconds }), counters: plainCounters(of) };
}

/** @param nowSeconds time of the reading, seconds since the epoch */
export function internalsReading({ broker, agent, values }: BrokerInternals, nowSeconds: number): BrokerReading {
  const of = lookupIn(values);
  const startedAtSeconds = of('kafka_broker_jvm_start_time_seconds');
  const networkIdle = of('kafka_broker_network_processor_idle_ratio');
  const heap = heapUsedRatio(values, of);
  return {
    broker,
    source: agent,
    ...(startedAtSeconds !== undefined && { startedAtSeconds }),
    counters: {
      ...plainCounters(of),
      ...throttleCounters(of),
      ...pauseCounters(values),
      ...handlerIdle(of, startedAtSeconds === undefined ? undefined : nowSeconds - startedAtSeconds),
    },
    figures: {
      ...Object.fromEntries(
        Object.entries(gaugeMetrics).flatMap(([name, metric]) => {
          const value = of(...metric);
          // Some versions report a lag of -1 for a broker that follows no partition.
          return value === undefined || value < 0 ? [] : [[name, value]];
        }),
      ),
      ...(networkIdle !== undefined && { networkProcessorsBusy: clampShare(1 - networkIdle) }),
      ...(heap !== undefined && { heapUsedRatio: heap }),
    },
  };
}

function lookupIn(values: BrokerInternals['values']): Lookup {
  const byName = new Map(values.map(({ metric, labels, value }) => [[metric, ...labels].join('\n'), value]));
  return (metric, ...labels) => byName.get([metric, ...labels].join('\n'));
}

function plainCounters(of: Lookup): BrokerCounters {
  return Object.fromEntries(
    Object.entries(counterMetrics).flatMap(([name, metric]) => {
      const value = of(...metric);
      return value === undefined ? [] : [[name, value] as const];
    }),
  );
}

/** An API that was never used has no counters; then the other one alone gives the sums. */
function throttleCounters(of: Lookup): BrokerCounters {
  const apis = ['Produce', 'Fetch'].flatMap((api) => {
    const requests = of('kafka_broker_requests_total', api);
    const seconds = of('kafka_broker_request_phase_seconds_total', api, 'throttle');
    return requests === undefined || seconds === undefined ? [] : [{ requests, seconds }];
  });
  if (apis.length === 0) return {};
  return {
    throttleRequests: apis.reduce((sum, { requests }) => sum + requests, 0),
    throttleSeconds: apis.reduce((sum, { seconds }) => sum + seconds, 0),
  };
}

function pauseCounters(values: BrokerInternals['values']): BrokerCounters {
  const sumOf = (wanted: InternalMetricName) => {
    const found = values.filter(({ metric, labels: [gc = ''] }) => metric === wanted && !concurrent.test(gc));
    return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
  };
  const pauses = sumOf('kafka_broker_jvm_gc_collections_total');
  const pauseSeconds = sumOf('kafka_broker_jvm_gc_seconds_total');
  return pauses === undefined || pauseSeconds === undefined ? {} : { pauses, pauseSeconds };
}

/** @param upSeconds seconds since the broker started, to tell whether one meter counts one pool of handlers or two */
function handlerIdle(of: Lookup, upSeconds: number | undefined): BrokerCounters {
  const own = of('kafka_broker_request_handler_idle_seconds_total', 'broker');
  if (own !== undefined) return { handlerIdleSeconds: own };
  const all = of('kafka_broker_request_handler_idle_seconds_total', 'all');
  if (all === undefined || upSeconds === undefined || all > mostIdleRatio * upSeconds) return {};
  return { handlerIdleSeconds: all };
}

/** Returns the share of the heap that its pools held after their last collection. */
function heapUsedRatio(values: BrokerInternals['values'], of: Lookup): number | undefined {
  const pools = values.filter(
    ({ metric, labels: [pool = ''] }) => metric === 'kafka_broker_jvm_memory_after_gc_bytes' && !outsideHeap.test(pool),
  );
  const most = of('kafka_broker_jvm_memory_max_bytes', 'heap');
  const isUncollected = pools.some(({ labels: [pool = ''], value }) => oldGeneration.test(pool) && value === 0);
  if (most === undefined || most === 0 || pools.length === 0 || isUncollected) return undefined;
  return clampShare(pools.reduce((sum, { value }) => sum + value, 0) / most);
}

const clampShare = (share: number) => Math.min(1, Math.max(0, share));
