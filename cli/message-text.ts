// Renders a message as text or hex, up to a length.

import type { FoundMessage } from '../brokers/lookup.ts';
import { queueName } from '../brokers/delta/partition-key.ts';
import { plain } from '../core/text/table.ts';

const bytesPerLine = 16;

export function renderMessage(message: FoundMessage, most: number): string {
  const { topic, offset, storedAtMs, key, value, properties, facts } = message;
  const lines: (readonly [string, string])[] = [
    ['topic', plain(topic)],
    ['partition', queueName(message)],
    ['offset', String(offset)],
    ...(storedAtMs === undefined ? [] : [['stored at', new Date(storedAtMs).toISOString()] as const]),
    ...Object.entries(facts),
    ...properties.map(([name, content]) => [`property ${plain(name)}`, shortText(content, most)] as const),
    ...(key === undefined ? [] : [['key', shortText(key, most)] as const]),
  ];
  const width = Math.max(...lines.map(([name]) => name.length));
  const head = lines.map(([name, text]) => `${name.padEnd(width)}  ${text}\n`).join('');
  if (value === undefined) return `${head}no value: a tombstone\n`;
  return `${head}value, ${value.length} bytes${value.length > most ? `, the first ${most}` : ''}:\n${renderBytes(value.subarray(0, most))}`;
}

export function shortText(content: Buffer, most: number): string {
  const shown = content.subarray(0, most);
  const text = isText(shown) ? plain(shown.toString('utf8')) : `0x${shown.toString('hex')}`;
  return content.length > most ? `${text}… (${content.length} bytes)` : text;
}

/** Lines of UTF-8 as they are; anything else as hex with its ASCII beside it. */
export function renderBytes(content: Buffer): string {
  if (content.length === 0) return '';
  if (isText(content)) {
    return content
      .toString('utf8')
      .split('\n')
      .map((line) => `${plain(line)}\n`)
      .join('');
  }
  let text = '';
  for (let at = 0; at < content.length; at += bytesPerLine) {
    const line = content.subarray(at, at + bytesPerLine);
    const hex = Array.from(line, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const ascii = Array.from(line, (byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    text += `${at.toString(16).padStart(8, '0')}  ${hex.padEnd(bytesPerLine * 3 - 1)}  ${ascii}\n`;
  }
  return text;
}

/** Cut in the middle of a letter it is still text. */
function isText(content: Buffer): boolean {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(content, { stream: true });
    return !/(?![\t\n\r])\p{Cc}/u.test(text);
  } catch {
    return false;
  }
}

/** Bytes in base64, with how many there are when they were cut. */
export function messageDocument({ key, value, properties, storedAtMs, ...message }: FoundMessage, most: number) {
  const cut = (content: Buffer) => content.subarray(0, most).toString('base64');
  return {
    ...message,
    ...(storedAtMs !== undefined && { storedAt: new Date(storedAtMs).toISOString() }),
    properties: properties.map(([name, content]) => ({ name, valueBase64: cut(content), bytes: content.length })),
    ...(key !== undefined && { keyBase64: cut(key), keyBytes: key.length }),
    ...(value !== undefined && { valueBase64: cut(value), valueBytes: value.length }),
  };
}
