// Parses a broker's runtime info to numbers in base units; unknown figures are absent.

import { defined } from '../../core/defined.ts';

const threadPoolNames = ['send', 'pull', 'query', 'litePull', 'ack', 'endTransaction'] as const;
export type ThreadPoolName = (typeof threadPoolNames)[number];

/** Messages of one delay level: those from `delivered` to `end` are waiting. */
export interface DelayLevel {
  level: number;
  delivered: bigint;
  end: bigint;
}

type Table = ReadonlyMap<string, string>;

/** Whether timers go to RocksDB: the figures describe the wheel, which gets none until it is switched back (5.5). */
const takesTimersInRocksdb = (settings: Table | undefined): boolean =>
  settings?.get('timerRocksDBEnable') === 'true' && settings.get('timerRocksDBStopScan') !== 'true';

export type RuntimeFigures = ReturnType<typeof parseRuntimeInfo>;

/**
 * The keys differ by version, and none is guaranteed: percentiles came with 4.9.4, queues of more thread pools with 5.0
 * and 5.3.2; brokerVersion was removed after 5.3.3, getTransferedTps was respelled in 5.0.
 *
 * @param table as broker-requests.ts reads it; empty for a broker that did not answer
 * @param settings settings of the broker, to interpret its timer figures
 */
export function parseRuntimeInfo(table: Table = new Map(), settings?: Table) {
  const whole = (key: string) => readWhole(table.get(key));
  const number = (key: string) => readNumber(table.get(key));
  const isWheelUsed = !takesTimersInRocksdb(settings);
  const seconds = (key: string) => secondsOf(number(key));
  const rates = (...keys: readonly string[]) =>
    ratesOf(keys.map((key) => table.get(key)).find((text) => text !== undefined));
  const [diskTotalBytes, diskFreeBytes] = capacityOf(table.get('commitLogDirCapacity'));

  return defined({
    /** Version, such as `4.9.7`. */
    version: versionOf(table.get('brokerVersionDesc')),
    bootedAtSeconds: positive(seconds('bootTimestamp')),

    /** Counters since boot. A broker without messages reports 1, so its first message does not show. */
    putMessages: whole('putMessageTimesTotal'),
    putBytes: whole('putMessageSizeTotal'),
    putFailures: whole('putMessageFailedTimes'),
    /** Messages delivered to consumers. */
    getMessages: whole('msgGetTotalTodayNow'),

    /** Messages per second; getFound, getMiss and getTotal are requests per second. */
    putRates: rates('putTps'),
    getFoundRates: rates('getFoundTps'),
    getMissRates: rates('getMissTps'),
    getTotalRates: rates('getTotalTps'),
    getTransferredRates: rates('getTransferredTps', 'getTransferedTps'),

    /** Longest durations since boot. */
    putMaxSeconds: seconds('putMessageEntireTimeMax'),
    getMaxSeconds: seconds('getMessageEntireTimeMax'),
    /** Percentiles of the last full minute. */
    putP99Seconds: seconds('putLatency99'),
    putP999Seconds: seconds('putLatency999'),
    putLatencyBuckets: putLatencyBucketsOf(table.get('putMessageDistributeTime')),

    threadPools: threadPoolNames.map((pool) => threadPoolOf(table, pool)).filter(isThere),
    /** How long the lock for storing a message has been held; sends are refused after 1 s. */
    pageCacheLockSeconds: seconds('pageCacheLockTimeMills'),

    /** Start and end of the commit log: bytes ever written, with retries and copies of delayed and half messages. */
    commitLogMinOffset: whole('commitLogMinOffset'),
    commitLogMaxOffset: whole('commitLogMaxOffset'),
    /** Stored bytes that are not yet in the consume queues, so consumers do not see them. */
    dispatchBehindBytes: whole('dispatchBehindBytes'),
    /** Bytes in memory and not on disk; reported with one decimal of its unit, `1.5 MiB`. */
    unflushedBytes: readByteCount(table.get('remainHowManyDataToFlush')),
    /** Bytes in the transient store and not in the page cache, if a transient store is used. */
    uncommittedBytes: readByteCount(table.get('remainHowManyDataToCommit')),
    transientBuffersLeft: buffersOf(number('remainTransientStoreBufferNumbs')),
    earliestStoredAtSeconds: positive(seconds('earliestMessageTimeStamp')),

    /** Used share of the file system under each path of the commit log; absent if a path does not exist. */
    commitLogDiskRatios: diskRatiosOf(table),
    /** Share of the emptiest of them, which the broker uses for decisions. */
    commitLogDiskRatio: number('commitLogDiskRatio'),
    consumeQueueDiskRatio: number('consumeQueueDiskRatio'),
    /** File system of the store; reported with one decimal of its unit. */
    diskTotalBytes,
    diskFreeBytes,

    delayLevels: delayLevelsOf(table),
    /** Timers of 5.x: behind the clock, not yet sorted into the wheel, and waiting in it; unknown for RocksDB. */
    ...(isWheelUsed && {
      timerBehindSeconds: number('timerReadBehind'),
      timerBehindMessages: whole('timerOffsetBehind'),
      timerWaitingMessages: whole('timerCongestNum'),
    }),
  });
}

/** @returns the higher ratio of commit log and consume queues: the broker rejects sends if either is full */
export function fullestDiskRatio(figures: RuntimeFigures): number | undefined {
  const ratios = [figures.commitLogDiskRatio, figures.consumeQueueDiskRatio].filter((ratio) => ratio !== undefined);
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

/** Exact integer; a broker reports -1 for unknown. */
export function readWhole(text = ''): bigint | undefined {
  return /^\d{1,19}$/.test(text.trim()) ? BigInt(text) : undefined;
}

/** Rates are empty at first, and `Number('')` would be 0. Java formats in its host's language, so `0,42` occurs too. */
export function readNumber(text = ''): number | undefined {
  const trimmed = text.trim();
  return /^\d+([.,]\d+)?([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : undefined;
}

const secondsOf = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : milliseconds / 1000);
const positive = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined);

/** A broker without a transient store reports the largest int32. */
const buffersOf = (value: number | undefined) => (value === 2_147_483_647 ? undefined : value);

/**
 * Parses three fields separated by single spaces; a field is empty while the broker is too young: `4.9  `.
 *
 * @returns means of the last 10, 60 and 600 seconds; each absent until the broker is that old
 */
function ratesOf(text = '') {
  const [ten, sixty, sixHundred] = text.split(' ').map(readNumber);
  return defined({ over10Seconds: ten, over60Seconds: sixty, over600Seconds: sixHundred });
}

/** Reads the requests that wait for a thread. */
function threadPoolOf(table: Table, pool: ThreadPoolName) {
  const [size, capacity] =
    pool === 'endTransaction'
      ? ['EndTransactionQueueSize', 'EndTransactionThreadPoolQueueCapacity']
      : [`${pool}ThreadPoolQueueSize`, `${pool}ThreadPoolQueueCapacity`];
  return defined({
    pool,
    size: readNumber(table.get(size)),
    capacity: readNumber(table.get(capacity)),
    /** How long the oldest request has waited; sends are refused after 200 ms. */
    headWaitSeconds: secondsOf(readNumber(table.get(`${pool}ThreadPoolQueueHeadWaitTimeMills`))),
  });
}

const isThere = ({ size, capacity }: ReturnType<typeof threadPoolOf>) => size !== undefined || capacity !== undefined;

function diskRatiosOf(table: Table) {
  const prefix = 'commitLogDiskRatio_';
  const ratios: { path: string; ratio: number }[] = [];
  for (const [key, text] of table) {
    const ratio = key.startsWith(prefix) ? readNumber(text) : undefined;
    if (ratio !== undefined) ratios.push({ path: key.slice(prefix.length), ratio });
  }
  return ratios;
}

/** Parses `Total : 252.0 GiB, Free : 73.8 GiB.` */
function capacityOf(text = ''): [total: number | undefined, free: number | undefined] {
  const [, total, free] = /^Total : (\S+ \w+), Free : (\S+ \w+)\.?$/.exec(text) ?? [];
  return [readByteCount(total), readByteCount(free)];
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** Parses `60.9 KiB`. */
function readByteCount(text = ''): number | undefined {
  const [, value, unit = ''] = /^(\S+) (\w+)$/.exec(text.trim()) ?? [];
  const [count, power] = [readNumber(value), byteUnits.indexOf(unit)];
  return count === undefined || power < 0 ? undefined : Math.round(count * 1024 ** power);
}

/** `scheduleMessageOffset_<level>` is `delivered,end`; unused levels are absent. */
function delayLevelsOf(table: Table): DelayLevel[] {
  const levels: DelayLevel[] = [];
  for (const [key, text] of table) {
    const [, level] = /^scheduleMessageOffset_(\d{1,3})$/.exec(key) ?? [];
    const [, delivered, end] = /^(\d{1,19}),(\d{1,19})$/.exec(text) ?? [];
    if (level === undefined || delivered === undefined || end === undefined) continue;
    levels.push({ level: Number(level), delivered: BigInt(delivered), end: BigInt(end) });
  }
  return levels.sort((one, other) => one.level - other.level);
}

/** Parses `V4_9_7` or `V5_0_0_SNAPSHOT`. */
function versionOf(text: string | undefined): string | undefined {
  return text
    ?.replace(/^V(?=\d)/, '')
    .replace('_SNAPSHOT', '-SNAPSHOT')
    .replaceAll('_', '.');
}

/*
 * [<=0ms]:5 [0~10ms]:3 [10~50ms]:0 … [500ms~1s]:0 [1~2s]:0 … [10s~]:0
 *
 * `null` in the first minute after boot. Up to 4.8, the figures are of the unfinished minute.
 */

/** @returns messages between each bound and the one before it, not cumulative; empty if the broker has none yet */
function putLatencyBucketsOf(text = '') {
  return Array.from(text.matchAll(/\[([^\]]{1,20})\]:(\d{1,15})/g), ([, range = '', messages]) => ({
    /** Upper bound in seconds, Infinity for the last. */
    uptoSeconds: upperBoundOf(range),
    messages: Number(messages),
  })).filter(({ uptoSeconds }) => !Number.isNaN(uptoSeconds));
}

function upperBoundOf(range: string): number {
  if (range.endsWith('~')) return Infinity;
  const [, value = '', unit] = /(\d+)(ms|s)$/.exec(range) ?? [];
  if (value === '') return Number.NaN;
  return unit === 'ms' ? Number(value) / 1000 : Number(value);
}
