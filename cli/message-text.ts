// Renders a message as text or hex, up to a length.

import type { DecodedMessage } from '../app/observe/decoded-messages.ts';
import type { DecodedValue } from '../brokers/schema-registry/value-decoder.ts';
import { queueName } from '../brokers/delta/partition-key.ts';
import { renderBytes, shortText } from '../core/text/bytes-text.ts';
import { plain } from '../core/text/table.ts';

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
