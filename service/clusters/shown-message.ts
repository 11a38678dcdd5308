// Prepares a message for operators: fields masked by config, values cut to fit a screen.

import { isMaskedHeader, keyField } from '../../app/observe/masked-messages.ts';
import { keysOf } from '../../app/observe/message-filter.ts';
import { queueName } from '../../brokers/delta/partition-key.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import type { DecodedValue } from '../../brokers/schema-registry/value-decoder.ts';
import type { MessageRow } from '../../dashboards/web/cluster/message-rows.ts';
import type { ShownMessage } from '../../dashboards/web/cluster/messages-page.ts';
import { renderBytes, shortText } from '../../core/text/bytes-text.ts';
import { mask, maskedJson } from '../../core/text/masked-json.ts';

const mostHeaderBytes = 1000;
const mostValueBytes = 64 * 1024;
export function messageRow(message: FoundMessage, masked: readonly string[] | undefined): MessageRow {
  const { storedAtMs, offset, value, properties } = message;
  const isKeyMasked = masked?.includes(keyField) === true;
  const isHidden = (name: string) => masked !== undefined && isMaskedHeader(name, masked);
  return {
    partition: queueName(message),
    offset,
    ...(storedAtMs !== undefined && { storedAt: new Date(storedAtMs).toISOString() }),
    keys: isKeyMasked ? keysOf(message).map(() => mask) : keysOf(message),
    headers: properties.map(
      ([name, content]) => [name, isHidden(name) ? mask : shortText(content, mostHeaderBytes)] as const,
    ),
    ...(value !== undefined && { valueBytes: value.length }),
  };
}

/** @param decoded value, decoded with the schema registry of the cluster; masks apply to its fields */
export function shownMessage(
  message: FoundMessage,
  masked: readonly string[] | undefined,
  decoded?: DecodedValue,
): ShownMessage {
  return {
    ...messageRow(message, masked),
    value: shownValue(message.value, masked, decoded),
    ...(decoded?.kind === 'not-decoded' && { notDecoded: decoded.reason }),
    facts: Object.entries(message.facts),
  };
}

function shownValue(
  value: Buffer | undefined,
  masked: readonly string[] | undefined,
  decoded: DecodedValue | undefined,
): ShownMessage['value'] {
  if (value === undefined) return { kind: 'tombstone' };
  const isDecoded = decoded?.kind === 'decoded';
  const json = maskedJson(isDecoded ? Buffer.from(decoded.json) : value, masked ?? [], 2);
  if (json === undefined && masked !== undefined) return { kind: 'hidden' };
  const isCut = (json?.length ?? value.length) > mostValueBytes;
  const text = json?.slice(0, mostValueBytes) ?? renderBytes(value.subarray(0, mostValueBytes));
  const schema = isDecoded && json !== undefined && { id: decoded.schemaId, type: decoded.schemaType };
  return { kind: 'shown', text, isCut, ...(schema && { schema }) };
}
