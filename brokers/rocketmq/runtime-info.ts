// Parses a broker's runtime info to numbers in base units; unknown figures are absent.

import { defined } from '../../core/defined.ts';

const threadPoolNames = ['send', 'pull', 'query', 'litePull', 'ack', 'endTransaction'] as const;
export type ThreadPoolName = (typeof threadPoolNames)[number];

/** Messages of one delay level: those from `delivered` to `end` wait for their time. */
export interface DelayLevel {
  level: number;
  delivered: bigint;
  end: bigint;
}

type Table = ReadonlyMap<string, string>;

/** With it, all figures of timers are those of the wheel, which takes none until it is switched back (5.5). */
const takesTimersInRocksdb = (settings: Table | undefined): boolean =>
  settings?.get('timerRocksDBEnable') === 'true' && settings.get('timerRocksDBStopScan') !== 'true';

export type RuntimeFigures = ReturnType<typeof parseRuntimeInfo>;

/**
 * Which keys there are differs by version, and none is promised: percentiles came with 4.9.4, queues of more thread pools with
 * 5.0 and 5.3.2; brokerVersion went after 5.3.3, getTransferedTps lost its misspelling in 5.0.
 *
 * @param table as get-broker-runtime-info.ts reads it; nothing is known of a broker that did not answer
 * @param settings of the broker, for its figures of timers
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
    /** Such as `4.9.7`. */
    version: versionOf(table.get('brokerVersionDesc')),
    bootedAtSeconds: positive(seconds('bootTimestamp')),

    /** Counters since boot. The broker reports 1 message where it stored none yet: its first one does not show. */
    putMessages: whole('putMessageTimesTotal'),
    putBytes: whole('putMessageSizeTotal'),
    putFailures: whole('putMessageFailedTimes'),
    /** Handed to consumers. */
    getMessages: whole('msgGetTotalTodayNow'),

    /** Messages per second; of getFound, getMiss and getTotal it is requests. */
    putRates: rates('putTps'),
    getFoundRates: rates('getFoundTps'),
    getMissRates: rates('getMissTps'),
    getTotalRates: rates('getTotalTps'),
    getTransferredRates: rates('getTransferredTps', 'getTransferedTps'),

    /** The longest since boot. */
    putMaxSeconds: seconds('putMessageEntireTimeMax'),
    getMaxSeconds: seconds('getMessageEntireTimeMax'),
    /** Of the last whole minute. */
    putP99Seconds: seconds('putLatency99'),
    putP999Seconds: seconds('putLatency999'),
    putLatencyBuckets: putLatencyBucketsOf(table.get('putMessageDistributeTime')),

    threadPools: threadPoolNames.map((pool) => threadPoolOf(table, pool)).filter(isThere),
    /** How long the lock around storing a message is held by now; sends are refused past 1 s. */
    pageCacheLockSeconds: seconds('pageCacheLockTimeMills'),

    /** Where the commit log begins and ends: bytes ever written, retries, delayed and half copies included. */
    commitLogMinOffset: whole('commitLogMinOffset'),
    commitLogMaxOffset: whole('commitLogMaxOffset'),
    /** Stored and not yet in the consume queues: consumers do not see it. */
    dispatchBehindBytes: whole('dispatchBehindBytes'),
    /** In memory and not on disk; to one decimal of its unit, `1.5 MiB`. */
    unflushedBytes: readByteCount(table.get('remainHowManyDataToFlush')),
    /** In the transient store and not in the page cache, where one is used. */
    uncommittedBytes: readByteCount(table.get('remainHowManyDataToCommit')),
    transientBuffersLeft: buffersOf(number('remainTransientStoreBufferNumbs')),
    earliestStoredAtSeconds: positive(seconds('earliestMessageTimeStamp')),

    /** Share used of the file system under each path of the commit log; absent where a path is missing. */
    commitLogDiskRatios: diskRatiosOf(table),
    /** Of the emptiest of them, as the broker decides by. */
    commitLogDiskRatio: number('commitLogDiskRatio'),
    consumeQueueDiskRatio: number('consumeQueueDiskRatio'),
    /** File system of the store; to one decimal of its unit. */
    diskTotalBytes,
    diskFreeBytes,

    delayLevels: delayLevelsOf(table),
    /** Timers of 5.x: behind the clock, not yet sorted into the wheel, and waiting in it; messages in RocksDB are unknown. */
    ...(isWheelUsed && {
      timerBehindSeconds: number('timerReadBehind'),
      timerBehindMessages: whole('timerOffsetBehind'),
      timerWaitingMessages: whole('timerCongestNum'),
    }),
  });
}

/** @returns of the commit log or of the consume queues: either, when full, makes the broker reject sends */
export function fullestDiskRatio(figures: RuntimeFigures): number | undefined {
  const ratios = [figures.commitLogDiskRatio, figures.consumeQueueDiskRatio].filter((ratio) => ratio !== undefined);
  return ratios.length === 0 ? undefined : Math.max(...ratios);
}

/** Exact; -1 is the broker's word for unknown. */
export function readWhole(text = ''): bigint | undefined {
  return /^\d{1,19}$/.test(text.trim()) ? BigInt(text) : undefined;
}

/** Rates are empty when too young, and `Number('')` would be 0. Java formats by the language it runs in: `0,42` is met too. */
export function readNumber(text = ''): number | undefined {
  const trimmed = text.trim();
  return /^\d+([.,]\d+)?([eE][+-]?\d+)?$/.test(trimmed) ? Number(trimmed.replace(',', '.')) : undefined;
}

const secondsOf = (milliseconds: number | undefined) => (milliseconds === undefined ? undefined : milliseconds / 1000);
const positive = (value: number | undefined) => (value !== undefined && value > 0 ? value : undefined);

/** The largest int32 stands for a broker without a transient store. */
const buffersOf = (value: number | undefined) => (value === 2_147_483_647 ? undefined : value);

/**
 * Three fields with single blanks between them; one that is too young is empty: `4.9  `.
 *
 * @returns means of the last 10, 60 and 600 seconds; each absent until the broker is that old
 */
function ratesOf(text = '') {
  const [ten, sixty, sixHundred] = text.split(' ').map(readNumber);
  return defined({ over10Seconds: ten, over60Seconds: sixty, over600Seconds: sixHundred });
}

/** Requests that wait for a thread. */
function threadPoolOf(table: Table, pool: ThreadPoolName) {
  const [size, capacity] =
    pool === 'endTransaction'
      ? ['EndTransactionQueueSize', 'EndTransactionThreadPoolQueueCapacity']
      : [`${pool}ThreadPoolQueueSize`, `${pool}ThreadPoolQueueCapacity`];
  return defined({
    pool,
    size: readNumber(table.get(size)),
    capacity: readNumber(table.get(capacity)),
    /** How long the oldest has waited; sends are refused past 200 ms. */
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

/** `Total : 252.0 GiB, Free : 73.8 GiB.` */
function capacityOf(text = ''): [total: number | undefined, free: number | undefined] {
  const [, total, free] = /^Total : (\S+ \w+), Free : (\S+ \w+)\.?$/.exec(text) ?? [];
  return [readByteCount(total), readByteCount(free)];
}

const byteUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

/** `60.9 KiB` */
function readByteCount(text = ''): number | undefined {
  const [, value, unit = ''] = /^(\S+) (\w+)$/.exec(text.trim()) ?? [];
  const [count, power] = [readNumber(value), byteUnits.indexOf(unit)];
  return count === undefined || power < 0 ? undefined : Math.round(count * 1024 ** power);
}

/** `scheduleMessageOffset_<level>` holds `delivered,end`; unused levels are absent. */
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

/** `V4_9_7` or `V5_0_0_SNAPSHOT` */
function versionOf(text: string | undefined): string | undefined {
  return text
    ?.replace(/^V(?=\d)/, '')
    .replace('_SNAPSHOT', '-SNAPSHOT')
    .replaceAll('_', '.');
}

/*
 * [<=0ms]:5 [0~10ms]:3 [10~50ms]:0 … [500ms~1s]:0 [1~2s]:0 … [10s~]:0
 *
 * `null` in the first minute after boot. Up to 4.8 it is the minute that has not ended.
 */

/** @returns none where the broker has none to show yet; no counters, and not cumulative: how many lie between a bound and the one before */
function putLatencyBucketsOf(text = '') {
  return Array.from(text.matchAll(/\[([^\]]{1,20})\]:(\d{1,15})/g), ([, range = '', messages]) => ({
    /** Infinity for the last. */
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
