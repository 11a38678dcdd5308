// Renders a message as text or hex, up to a length.

import type { DecodedMessage } from '../app/observe/decoded-messages.ts';
import type { DecodedValue } from '../brokers/schema-registry/value-decoder.ts';
import { queueName } from '../brokers/delta/partition-key.ts';
import { renderBytes, shortText } from '../core/text/bytes-text.ts';
import { plain } from '../core/text/table.ts';
import { headerFilter, type MessageFilter } from '../app/observe/message-filter.ts';
import type { ReadStart } from '../brokers/lookup.ts';
import { defined } from '../core/defined.ts';
import { AppError } from '../core/errors.ts';
import { momentOf } from '../ops/offsets/moment.ts';
import { type OptionValues, text } from './command.ts';

export function renderMessage(
  { message, decoded, valueBytes = message.value?.length }: DecodedMessage,
  most: number,
): string {
  const { topic, offset, storedAtMs, key, value, properties, facts } = message;
  const lines: (readonly [string, string])[] = [
    ['topic', plain(topic)],
    ['partition', queueName(message)],
    ['offset', String(offset)],
    ...(storedAtMs === undefined ? [] : [['stored at', new Date(storedAtMs).toISOString()] as const]),
    ...Object.entries(facts),
    ...properties.map(([name, content]) => [`property ${plain(name)}`, shortText(content, most)] as const),
    ...(key === undefined ? [] : [['key', shortText(key, most)] as const]),
    ...(decoded === undefined ? [] : [['schema', schemaText(decoded)] as const]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const head = lines.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('');
  if (value === undefined) return `${head}no value: a tombstone\n`;
  if (decoded?.kind === 'decoded') return `${head}value, ${valueBytes} bytes:\n${plain(decoded.json)}\n`;
  return `${head}value, ${valueBytes} bytes${value.length > most ? `, the first ${most}` : ''}:\n${renderBytes(value.subarray(0, most))}`;
}

const schemaText = (decoded: DecodedValue): string =>
  decoded.kind === 'decoded'
    ? `${decoded.schemaType} ${decoded.schemaId}`
    : `${decoded.schemaId}; shown as bytes: ${plain(decoded.reason)}`;

/** Returns bytes in base64, with their full number if they were truncated. */
export function messageDocument(
  { message, decoded, valueBytes = message.value?.length }: DecodedMessage,
  most: number,
) {
  const { key, value, properties, storedAtMs, ...rest } = message;
  const cut = (content: Buffer) => content.subarray(0, most).toString('base64');
  return {
    ...rest,
    ...(storedAtMs !== undefined && { storedAt: new Date(storedAtMs).toISOString() }),
    properties: properties.map(([name, content]) => ({ name, valueBase64: cut(content), bytes: content.length })),
    ...(key !== undefined && { keyBase64: cut(key), keyBytes: key.length }),
    ...(value !== undefined && { valueBase64: cut(value), valueBytes }),
    ...(decoded && { decoded }),
  };
}

/** Declares and reads the options that select messages of a topic: where reading starts, and the search criteria. */
export const searchOptions = {
  key: text('KEY', 'only messages with this key'),
  header: text('NAME=VALUE', 'only messages with this header or property; NAME alone for any value'),
  contains: text('TEXT', 'only messages whose value contains this text'),
};

export const filterOf = ({ key, header, contains }: OptionValues<typeof searchOptions>): MessageFilter => ({
  ...headerFilter(header ?? ''),
  ...defined({ key, text: contains }),
});

/**
 * @param hint what is read without --since
 * @returns undefined if neither is given
 * @throws AppError usage
 */
export function readStart(
  { since, offset }: { since: string | undefined; offset: string | undefined },
  now: Date,
  hint: string,
): ReadStart | undefined {
  if (since !== undefined && offset !== undefined) {
    throw new AppError('usage', '--since and --offset exclude each other: give one of them');
  }
  if (since !== undefined) return { kind: 'time', atMs: momentOf(since, 'since', now, hint) };
  if (offset === undefined) return undefined;
  if (!/^\d{1,19}$/.test(offset)) {
    throw new AppError('usage', `--offset ${offset}: an offset is a whole number, 0 or more`);
  }
  return { kind: 'offset', offset: BigInt(offset) };
}
