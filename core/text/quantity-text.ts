// Formats numbers, percentages and amounts with units; unknown values stay undefined.

/** @returns `9,834`, `0.78`, `12.4`: whole from 100 on, else three significant digits */
export function quantityText(value: number): string {
  return Math.abs(value) >= 100 ? countText(Math.round(value)) : String(threeDigits(value));
}

/** @returns `9,830`: three significant digits, for an estimate */
export function estimateText(value: number): string {
  return countText(threeDigits(value));
}

/** @returns `2,000`: every digit */
export function countText(value: number | bigint): string {
  return value.toLocaleString('en-US');
}

/** @returns `1 line`, `2,000 lines` */
export function pluralText(count: number | bigint, one: string, many = `${one}s`): string {
  return `${countText(count)} ${Number(count) === 1 ? one : many}`;
}

/** Digits of a rate, in texts, pages and charts: whole from 100 on, else three significant. */
export const rateDigits = {
  maximumFractionDigits: 0,
  maximumSignificantDigits: 3,
  roundingPriority: 'morePrecision',
} as const satisfies Intl.NumberFormatOptions;

/** Created on first use: it takes 15 ms, which commands without rates save. */
let rateFormat: Intl.NumberFormat | undefined;

/** @returns `9,834`: a rate, if its unit is shown elsewhere */
export const rateNumberText = (messagesPerSecond: number): string =>
  (rateFormat ??= new Intl.NumberFormat('en-US', rateDigits)).format(messagesPerSecond);

/** @returns `9,834 msg/s`, `9,834 条/秒` */
export function rateText(messagesPerSecond: number, language: 'en' | 'zh' = 'en'): string {
  return `${rateNumberText(messagesPerSecond)} ${language === 'zh' ? '条/秒' : 'msg/s'}`;
}

/** @returns `2,411 to 2,566`: rates, if their unit is shown elsewhere */
export const rateRangeText = ({ low, high }: { low: number; high?: number | undefined }): string =>
  `${rateNumberText(low)} to ${high === undefined ? 'no upper end' : rateNumberText(high)}`;

/** @returns `250.5 msg/s`: a configured rate, exact */
export function exactRateText(messagesPerSecond: number): string {
  return `${countText(messagesPerSecond)} msg/s`;
}

/** @returns `12.3k/s`: a rate in a narrow column or on an axis */
export function shortRateText(messagesPerSecond: number): string {
  return `${prefixed(messagesPerSecond).join('')}/s`;
}

/** @returns `34%`, `3.4%`, `0.041%`, `99.96%`: more digits near 0% and 100%, so that rounding never yields these */
export function percentText(share: number): string {
  const percent = share * 100;
  const [amount, rest] = [Math.abs(percent), Math.abs(100 - Math.abs(percent))];
  const wanted = amount < 50 ? 1 - Math.floor(Math.log10(amount)) : -Math.floor(Math.log10(rest));
  const decimals = amount === 0 || rest === 0 ? 0 : Math.min(6, Math.max(0, wanted));
  return `${Number(percent.toFixed(decimals))}%`;
}

/** @returns `+3.1%`, `−12%`, `±0%` */
export function changeText(share: number): string {
  return `${share === 0 ? '±' : share < 0 ? '−' : '+'}${percentText(Math.abs(share))}`;
}

const prefixes = [
  [1e18, 'E'],
  [1e15, 'P'],
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** 999.6 rounds to 1,000 and takes the next prefix. */
function prefixed(value: number): [amount: number, prefix: string] {
  const rounded = threeDigits(value);
  const [factor, prefix] = prefixes.find(([size]) => Math.abs(rounded) >= size) ?? [1, ''];
  return [threeDigits(value / factor), prefix];
}

const gibibyte = 2 ** 30;

const chineseUnits: Readonly<Record<string, string>> = {
  'messages/s': '条/秒',
  'message/s': '条/秒',
  '(message/s)²': '(条/秒)²',
  requests: '个请求',
  'requests/s': '请求/秒',
  'request/s': '次请求/秒',
  messages: '条',
  collections: '次',
  stops: '次',
  stalls: '次',
  lines: '行',
  partitions: '个分区',
  cores: '核',
  threads: '个线程',
  connections: '个连接',
  bytes: '字节',
  'bytes/s': '字节/秒',
  'bytes/message': '字节/条',
  'bytes/s per message/s': '字节/条',
  CNY: '元',
};

/**
 * @param unit `bytes/s per message/s`
 * @param value 1 has the singular, `request/s`
 * @returns the name of a unit, empty for a ratio; unchanged if it has no name in the language
 */
export function unitText(unit: string, language: 'en' | 'zh', value?: number | string): string {
  if (unit === 'ratio') return '';
  if (unit === 'messages/s' && language === 'en') return 'msg/s';
  if (language === 'en') return value === 1 ? unit.replace(/^(\w{2,}?)(?:(?<=sh)es|s)(?=$|\W)/, '$1') : unit;
  return (
    chineseUnits[unit] ??
    unit
      .split(' per ')
      .map((each) => chineseUnits[each] ?? each)
      .join(' 每 ')
  );
}

/** @returns `6.25 MB/s`, `2 cores`, `16.8 GB`; memory in whole GiB keeps that unit */
export function capacityText(value: number, unit: string, language: 'en' | 'zh' = 'en'): string {
  if (unit === 'ratio') return language === 'zh' ? '全部时间' : 'all of the time';
  if (unit === 'messages/s') return rateText(value, language);
  if (!unit.startsWith('bytes')) return `${quantityText(value)} ${unitText(unit, language, value)}`;
  if (unit === 'bytes' && value >= gibibyte && value % gibibyte === 0) return `${quantityText(value / gibibyte)} GiB`;
  return `${prefixed(value).join(' ')}B${unit.slice('bytes'.length)}`;
}

/** @returns `12.3 MB`: 1 kB is 1,000 bytes, as disks and links are sold */
export function bytesText(bytes: number | bigint): string {
  return `${prefixed(Number(bytes)).join(' ')}B`;
}

/** @returns `12.3 MB/s` */
export function byteRateText(bytesPerSecond: number): string {
  return `${bytesText(bytesPerSecond)}/s`;
}

/** @returns `512 MiB`, `1.46 GiB`: powers of two, as in JVM options */
export function binaryBytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.abs(bytes) || 1) / 10)));
  return `${quantityText(bytes / 2 ** (10 * power))} ${units[power]}`;
}

/** @returns `50 Mbit/s` */
export function bitRateText(bitsPerSecond: number): string {
  return `${prefixed(bitsPerSecond).join(' ')}bit/s`;
}

/** @returns `broker 1` for a Kafka id (`Broker 1` in Chinese); other names unchanged */
export function nodeText(node: string, language: 'en' | 'zh' = 'en'): string {
  return language === 'zh' ? nodeSentenceText(node) : /^\d+$/.test(node) ? `broker ${node}` : node;
}

/** @returns `Broker 1` at the start of a sentence; other names unchanged */
export function nodeSentenceText(node: string): string {
  return /^\d+$/.test(node) ? `Broker ${node}` : node;
}

/** @returns the lost part of a cluster: `broker 1`, `zone 1`, `zone-a`; in Chinese `Broker 1`, `可用区 1` */
export function lossName({ lost, id }: { lost: 'broker' | 'zone'; id: string }, language: 'en' | 'zh' = 'en'): string {
  if (lost === 'broker') return nodeText(id, language);
  if (language === 'zh') return `可用区 ${id}`;
  return /^zone/i.test(id) ? id : `zone ${id}`;
}

/** @returns the text of a known value; undefined stays undefined, so that tables show it as unknown */
export function ifKnown<Value>(value: Value | undefined, text: (value: Value) => string): string | undefined {
  return value === undefined ? undefined : text(value);
}

const threeDigits = (value: number): number => Number(value.toPrecision(3));
