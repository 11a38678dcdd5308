// Maps a broker's runtime figures to rocketmq-exporter's names and units.

import { readNumber, readWhole, type RuntimeFigures } from '../../../brokers/rocketmq/runtime-info.ts';

interface RuntimeMetric {
  help: string;
  unit: string;
  value: (figures: RuntimeFigures, table: ReadonlyMap<string, string>) => number | bigint | undefined;
  /** The equivalent under our default names. */
  ours?: string;
  differs?: string;
}

const milliseconds = (seconds: number | undefined) =>
  seconds === undefined ? undefined : Math.round(seconds * 1e6) / 1e3;

function putTimes(): Record<string, RuntimeMetric> {
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

function rates(
  name: string,
  what: string,
  of: Extract<keyof RuntimeFigures, `${string}Rates`>,
  ours?: string,
): Record<string, RuntimeMetric> {
  const spans = { 10: 'over10Seconds', 60: 'over60Seconds', 600: 'over600Seconds' } as const;
  return Object.fromEntries(
    Object.entries(spans).map(([span, key]) => [
      `${name}_tps${span}`,
      {
        help: `Mean of the last ${span} s per second: ${what}.`,
        unit: 'per second',
        value: (figures) => figures[of][key],
        ...(ours === undefined ? {} : { ours }),
        differs: 'absent until the broker is that old; upstream prints 0',
      },
    ]),
  );
}

/** Defines rocketmq-exporter's families of runtime metrics: put times, rates, thread pools. */
function day(help: string, key: string, direction: 'put' | 'get'): RuntimeMetric {
  return {
    help: `${help}.`,
    unit: 'messages',
    value: (_, table) => readWhole(table.get(key)),
    ours: `rocketmq_broker_${direction}_messages_total, increase() over the day`,
  };
}

type Numeric = {
  [Name in keyof RuntimeFigures]-?: RuntimeFigures[Name] extends number | bigint | undefined ? Name : never;
}[keyof RuntimeFigures];
type More = Pick<RuntimeMetric, 'ours' | 'differs'>;

const figure = (name: Numeric, help: string, unit: string, more: More = {}): RuntimeMetric => ({
  help,
  unit,
  value: (figures) => figures[name],
  ...more,
});

const duration = (name: Extract<Numeric, `${string}Seconds`>, help: string, more: More = {}): RuntimeMetric => ({
  help,
  unit: 'milliseconds',
  value: (figures) => milliseconds(figures[name]),
  ...more,
});

const latency = (share: string, short: 'P99' | 'P999') =>
  duration(`put${short}Seconds`, `${share} of the messages of the last whole minute were stored within this time.`, {
    ours: `rocketmq_broker_put_latency_${short.toLowerCase()}_seconds * 1000`,
    differs: 'absent if the broker does not report it; upstream prints -1',
  });

const pool = (name: Pool) => `{pool="${name}"}`;

type Pool = 'send' | 'pull' | 'query';
const queueOf = ({ threadPools }: RuntimeFigures, name: Pool) => threadPools.find((queue) => queue.pool === name);

function poolSize(name: Pool): RuntimeMetric {
  return {
    help: `Requests that wait for a thread of the ${name} pool.`,
    unit: 'requests',
    value: (figures) => queueOf(figures, name)?.size,
    ours: `rocketmq_broker_request_queue_length${pool(name)}`,
  };
}

function poolCapacity(name: Pool): RuntimeMetric {
  return {
    help: `Requests the queue of the ${name} pool holds.`,
    unit: 'requests',
    value: (figures) => queueOf(figures, name)?.capacity,
    ours: `rocketmq_broker_request_queue_capacity${pool(name)}`,
  };
}

function poolWait(name: Pool): RuntimeMetric {
  return {
    help: `How long the oldest request of the ${name} pool has waited.`,
    unit: 'milliseconds',
    value: (figures) => milliseconds(queueOf(figures, name)?.headWaitSeconds),
    ours: `rocketmq_broker_request_queue_head_wait_seconds${pool(name)} * 1000`,
  };
}

/** Without their prefix `rocketmq_brokeruntime_`. */
export const runtimeMetrics: Readonly<Record<string, RuntimeMetric>> = {
  ...putTimes(),
  ...rates('put', 'messages stored', 'putRates', 'rate(rocketmq_broker_put_messages_total[5m])'),
  ...rates(
    'gettransfered',
    'messages handed out',
    'getTransferredRates',
    'rate(rocketmq_broker_get_messages_total[5m])',
  ),
  ...rates('gettotal', 'requests for messages', 'getTotalRates'),
  ...rates('getfound', 'requests that found messages', 'getFoundRates'),
  ...rates('getmiss', 'requests that found none', 'getMissRates'),
  msg_put_total_today_now: day('Messages stored since the broker started', 'msgPutTotalTodayNow', 'put'),
  msg_puttotal_todaymorning: day('The same at the last midnight', 'msgPutTotalTodayMorning', 'put'),
  msg_puttotal_yesterdaymorning: day('The same at the midnight before', 'msgPutTotalYesterdayMorning', 'put'),
  msg_gettotal_today_now: day('Messages handed out since the broker started', 'msgGetTotalTodayNow', 'get'),
  msg_gettotal_todaymorning: day('The same at the last midnight', 'msgGetTotalTodayMorning', 'get'),
  msg_gettotal_yesterdaymorning: day('The same at the midnight before', 'msgGetTotalYesterdayMorning', 'get'),
  putmessage_times_total: figure('putMessages', 'Messages stored since the broker started.', 'messages', {
    ours: 'rocketmq_broker_put_messages_total',
  }),
  put_message_size_total: figure('putBytes', 'Bytes stored since the broker started.', 'bytes', {
    ours: 'rocketmq_broker_put_bytes_total',
  }),
  put_message_average_size: {
    help: 'Mean size of a message since the broker started.',
    unit: 'bytes',
    value: (_, table) => readNumber(table.get('putMessageAverageSize')),
    ours: 'rate(rocketmq_broker_put_bytes_total[5m]) / rate(rocketmq_broker_put_messages_total[5m])',
  },
  putmessage_entire_time_max: duration('putMaxSeconds', 'The longest a put took since the broker started.', {
    ours: 'rocketmq_broker_put_latency_max_seconds * 1000',
  }),
  getmessage_entire_time_max: duration('getMaxSeconds', 'The longest a get took since the broker started.'),
  put_latency_99: latency('99%', 'P99'),
  put_latency_999: latency('99.9%', 'P999'),
  pagecache_lock_time_mills: duration(
    'pageCacheLockSeconds',
    'Time for which the current put has held the lock of the commit log.',
    { ours: 'rocketmq_broker_page_cache_lock_seconds * 1000' },
  ),
  send_threadpool_queue_size: poolSize('send'),
  pull_threadpoolqueue_size: poolSize('pull'),
  query_threadpoolqueue_size: poolSize('query'),
  send_threadpoolqueue_capacity: poolCapacity('send'),
  pull_threadpoolqueue_capacity: poolCapacity('pull'),
  query_threadpool_queue_capacity: poolCapacity('query'),
  send_threadpoolqueue_headwait_timemills: poolWait('send'),
  pull_threadpoolqueue_headwait_timemills: poolWait('pull'),
  query_threadpoolqueue_headwait_timemills: poolWait('query'),
  dispatch_behind_bytes: figure(
    'dispatchBehindBytes',
    'Bytes of the commit log that are not in the consume queues yet.',
    'bytes',
    { ours: 'rocketmq_broker_dispatch_behind_bytes' },
  ),
  dispatch_maxbuffer: {
    help: 'Largest dispatch buffer; 0 on every version still in use.',
    unit: 'bytes',
    value: (_, table) => readWhole(table.get('dispatchMaxBuffer')),
  },
  remain_howmanydata_toflush: figure('unflushedBytes', 'Bytes in the page cache and not on disk.', 'bytes', {
    ours: 'rocketmq_broker_unflushed_bytes',
    differs: 'bytes; upstream drops the unit the broker writes, so that 1.5 MiB shows as 1.5',
  }),
  remain_transientstore_buffer_numbs: figure(
    'transientBuffersLeft',
    'Buffers left in the transient store.',
    'buffers',
    {
      ours: 'rocketmq_broker_transient_store_free_buffers',
      differs: 'absent where no transient store is used; upstream prints 2147483647',
    },
  ),
  commitlog_disk_ratio: figure('commitLogDiskRatio', 'Share used of the file system of the commit log.', 'ratio', {
    ours: 'rocketmq_broker_commit_log_disk_used_ratio',
  }),
  consumequeue_disk_ratio: figure(
    'consumeQueueDiskRatio',
    'Share used of the file system of the consume queues.',
    'ratio',
    { ours: 'rocketmq_broker_consume_queue_disk_used_ratio' },
  ),
  commitlogdir_capacity_total: figure('diskTotalBytes', 'Size of the file system of the store.', 'bytes', {
    ours: 'rocketmq_broker_disk_size_bytes',
  }),
  commitlogdir_capacity_free: figure('diskFreeBytes', 'Free on the file system of the store.', 'bytes', {
    ours: 'rocketmq_broker_disk_free_bytes',
  }),
  commitlog_maxoffset: figure('commitLogMaxOffset', 'End offset of the commit log.', 'bytes', {
    ours: 'rocketmq_broker_commit_log_end_offset_bytes',
  }),
  commitlog_minoffset: figure('commitLogMinOffset', 'Start offset of the commit log.', 'bytes', {
    ours: 'rocketmq_broker_commit_log_start_offset_bytes',
  }),
  earliest_message_timestamp: {
    help: 'When the oldest message still stored was stored.',
    unit: 'milliseconds since the epoch',
    value: ({ earliestStoredAtSeconds }) => milliseconds(earliestStoredAtSeconds),
    ours: 'rocketmq_broker_earliest_message_timestamp_seconds * 1000',
    differs: 'absent while nothing is stored; upstream prints -1',
  },
  start_accept_sendrequest_time: {
    help: 'From when on the broker takes messages; 0 is from the beginning.',
    unit: 'milliseconds since the epoch',
    value: (_, table) => readWhole(table.get('startAcceptSendRequestTimeStamp')),
  },
};
