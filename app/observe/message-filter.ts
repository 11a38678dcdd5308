// Selects messages by key, header and text.

import type { FoundMessage } from '../../brokers/lookup.ts';

export interface MessageFilter {
  /** Equal to the key; on RocketMQ to one of its keys or its unique key. */
  key?: string;
  /** Without `value`: any value. A RocketMQ tag is the property TAGS. */
  header?: { name: string; value?: string };
  /** Contained in the value, decoded as UTF-8. */
  text?: string;
}

/** @param typed NAME or NAME=VALUE; empty for none */
export function headerFilter(typed: string): Pick<MessageFilter, 'header'> {
  const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(typed) ?? [];
  return name === '' ? {} : { header: { name, ...(value !== undefined && { value }) } };
}

/** RocketMQ stores keys as properties; the sender separates several with spaces. */
export const keyProperties: ReadonlySet<string> = new Set(['KEYS', 'UNIQ_KEY']);

export const hasFilter = ({ key, header, text }: MessageFilter): boolean =>
  key !== undefined || header !== undefined || text !== undefined;

export function matches(message: FoundMessage, { key, header, text }: MessageFilter): boolean {
  return (
    (key === undefined || keysOf(message).includes(key)) &&
    (header === undefined || hasHeader(message, header)) &&
    (text === undefined || message.value?.includes(text) === true)
  );
}

/** Kafka producers set the timestamp, so messages after the first match of a start time may be older. */
export const isSince = ({ storedAtMs }: Pick<FoundMessage, 'storedAtMs'>, sinceMs: number): boolean =>
  storedAtMs !== undefined && storedAtMs >= sinceMs;

export function keysOf({ key, properties }: Pick<FoundMessage, 'key' | 'properties'>): string[] {
  if (key !== undefined) return [key.toString('utf8')];
  return properties
    .filter(([name]) => keyProperties.has(name))
    .flatMap(([, value]) => value.toString('utf8').split(' '))
    .filter((each) => each !== '');
}

function hasHeader({ properties }: FoundMessage, { name, value }: NonNullable<MessageFilter['header']>): boolean {
  return properties.some(
    ([each, content]) => each === name && (value === undefined || content.toString('utf8') === value),
  );
}
