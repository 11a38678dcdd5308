// Encodes and decodes message properties, a text of key-value pairs beside the body.

import { AppError } from '../../../core/errors.ts';

/*
 * properties  pair*, UTF-8, at most 32767 bytes
 * pair        key 0x01 value 0x02; some clients omit the last 0x02
 */

/** Names that brokers and clients of every language share; MessageConst.java has all. */
export const propertyNames = {
  uniqueKey: 'UNIQ_KEY',
  keys: 'KEYS',
  tags: 'TAGS',
  /** `false`: acknowledge without waiting for disk and slaves. */
  wait: 'WAIT',
  delayLevel: 'DELAY',
  /** 5.x: any delay, through the timer wheel. */
  timerDelaySeconds: 'TIMER_DELAY_SEC',
  timerDelayMs: 'TIMER_DELAY_MS',
  /** 5.x: earliest delivery time, milliseconds since the epoch. */
  timerDeliverMs: 'TIMER_DELIVER_MS',
  /** `true`: half message of a transaction, invisible until the transaction ends. */
  transactionPrepared: 'TRAN_MSG',
  producerGroup: 'PGROUP',
} as const;

type MessageProperties = ReadonlyMap<string, string>;

export const [keyEnd, valueEnd] = ['\u0001', '\u0002'];
/** The length is an int16. */
export const mostPropertiesBytes = 32_767;
const separators = new RegExp(`[${keyEnd}${valueEnd}]`);

const { delayLevel, timerDelaySeconds, timerDelayMs, timerDeliverMs } = propertyNames;
/** Properties that brokers before 5.0 store and ignore. */
export const timerNames = [timerDelaySeconds, timerDelayMs, timerDeliverMs];

/** Brokers hold such a message in a system topic until its delivery (HookUtils.java). */
export function isDelayed(properties: MessageProperties, nowMs: number): boolean {
  const isAfter = (name: string, least: number) => Number(properties.get(name) ?? least) > least;
  return (
    [delayLevel, timerDelaySeconds, timerDelayMs].some((name) => isAfter(name, 0)) || isAfter(timerDeliverMs, nowMs)
  );
}

/** @throws AppError broker-refused for properties that no broker can store */
export function encodeProperties(properties: MessageProperties): string {
  let text = '';
  for (const [key, value] of properties) {
    if (separators.test(key) || separators.test(value)) {
      throw new AppError(
        'broker-refused',
        `cannot send property ${JSON.stringify(key)}: it holds a separator, \\x01 or \\x02`,
        { hint: 'RocketMQ separates the properties of a message with these bytes: remove them' },
      );
    }
    text += key + keyEnd + value + valueEnd;
  }
  const size = Buffer.byteLength(text);
  if (size > mostPropertiesBytes) {
    throw new AppError(
      'broker-refused',
      `cannot send properties of ${size} bytes: RocketMQ accepts ${mostPropertiesBytes} at most`,
      { hint: 'choose shorter keys and headers' },
    );
  }
  return text;
}

/** Skips text that is not a pair; of a repeated key the last value counts, as in Java's map. */
export function decodeProperties(encoded: Buffer): MessageProperties {
  const properties = new Map<string, string>();
  for (const pair of encoded.toString('utf8').split(valueEnd)) {
    const middle = pair.indexOf(keyEnd);
    if (middle > 0) properties.set(pair.slice(0, middle), pair.slice(middle + 1));
  }
  return properties;
}

/** Finds the value of one property without decoding the others. @returns a view */
export function findProperty(encoded: Buffer, name: string): Buffer | undefined {
  const start = Buffer.from(name + keyEnd);
  for (let at = encoded.indexOf(start); at >= 0; at = encoded.indexOf(start, at + 1)) {
    if (at > 0 && encoded[at - 1] !== valueEnd.charCodeAt(0)) continue;
    const from = at + start.length;
    const to = encoded.indexOf(valueEnd, from);
    return encoded.subarray(from, to < 0 ? encoded.length : to);
  }
  return undefined;
}
