// Hides the fields, headers and keys of messages that `service.messages.mask` names.

import type { ClusterConfig } from '../../brokers/config.ts';
import type { RocketmqTopic } from '../../brokers/rocketmq/details.ts';
import { topicKindOf } from '../../brokers/rocketmq/inspect/topic-kind.ts';
import { byKind, type ByKind } from '../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { matchesGlob } from '../../core/text/glob.ts';
import { mask, maskedJson } from '../../core/text/masked-json.ts';
import { isDeadLetterTopic } from '../../ops/resend/dead-letter.ts';
import { deadLetterTopicsOf } from '../change/resend/dead-letter-topics.ts';
import type { MaskRule } from '../config/service.ts';
import type { DecodedMessage } from './decoded-messages.ts';
import { keyProperties, type MessageFilter } from './message-filter.ts';
import type { MessageTrace } from './message-trace.ts';

/** Entry for the message key in the list of masked fields. */
export const keyField = '$key';

/** Properties with the keys of a message: masking one hides the keys. */
const storedKeys: ByKind<ReadonlySet<string>> = { kafka: new Set(), rocketmq: keyProperties };

/** @returns names of fields to mask, in lower case; undefined if no rule matches the topic */
export function maskedFields(
  { name, kind = 'normal', broker }: { name: string; kind?: RocketmqTopic['kind']; broker: BrokerKind },
  rules: readonly MaskRule[],
): readonly string[] | undefined {
  // RocketMQ's retry, dead-letter, delay and transaction topics hold messages of any topic.
  const own = kind === 'normal' ? rules.filter(({ topics }) => matchesGlob(name, topics)) : rules;
  const fields = own.flatMap((rule) => rule.fields.map((field) => field.toLowerCase()));
  if (fields.some((field) => storedKeys[broker].has(field.toUpperCase()))) fields.push(keyField);
  return own.length === 0 ? undefined : fields;
}

/** Like `maskedFields`, for a topic of which only the name is known. */
export function maskedFieldsOf(
  topic: string,
  { config, masks = [] }: { config: ClusterConfig; masks?: readonly MaskRule[] },
): readonly string[] | undefined {
  const kind = byKind<ClusterConfig, RocketmqTopic['kind']>(config, {
    kafka: (kafka) => (isDeadLetterTopic('kafka', topic, deadLetterTopicsOf(kafka)) ? 'dead-letter' : 'normal'),
    rocketmq: () => topicKindOf(topic, new Set()),
  });
  return maskedFields({ name: topic, kind, broker: config.broker }, masks);
}

export const isMaskedHeader = (name: string, masked: readonly string[]): boolean =>
  masked.includes(name.toLowerCase()) || (masked.includes(keyField) && keyProperties.has(name));

/** Repeated searches could guess masked content. */
export function searchesMasked({ key, header, text }: MessageFilter, masked: readonly string[]): boolean {
  return (
    text !== undefined ||
    (key !== undefined && masked.includes(keyField)) ||
    (header !== undefined && isMaskedHeader(header.name, masked))
  );
}

/** @throws AppError usage */
export function refuseMaskedSearch(filter: MessageFilter, masked: readonly string[] | undefined): void {
  if (masked === undefined || !searchesMasked(filter, masked)) return;
  throw new AppError('usage', 'what service.messages.mask hides cannot be searched', {
    hint: 'search by time, by place (partition and offset) or by a header that is not masked',
  });
}

/** @param maskedOf fields to mask, by topic. @returns the trace with hidden keys and tags masked */
export function maskedTrace(
  trace: MessageTrace,
  maskedOf: (topic: string) => readonly string[] | undefined,
): MessageTrace {
  const isHidden = (name: string, topic: string) => isMaskedHeader(name, maskedOf(topic) ?? []);
  const withoutKeys = <Traced extends { topic: string; keys: readonly string[] }>(record: Traced): Traced =>
    record.keys.length > 0 && isHidden('KEYS', record.topic) ? { ...record, keys: [mask] } : record;
  const { sent } = trace;
  return {
    ...trace,
    ...(sent && {
      sent: { ...withoutKeys(sent), ...(sent.tags !== '' && isHidden('TAGS', sent.topic) && { tags: mask }) },
    }),
    transactions: trace.transactions.map(withoutKeys),
  };
}

/** @returns the message with hidden parts masked; a value that is not JSON is masked completely */
export function maskedMessage(shown: DecodedMessage, masked: readonly string[] | undefined): DecodedMessage {
  if (masked === undefined) return shown;
  const { message, decoded } = shown;
  const hidden = Buffer.from(mask);
  const { key, value, properties } = message;
  const json = decoded?.kind === 'decoded' ? Buffer.from(decoded.json) : value;
  const text = json === undefined ? undefined : (maskedJson(json, masked) ?? mask);
  return {
    message: {
      ...message,
      ...(key !== undefined && masked.includes(keyField) && { key: hidden }),
      properties: properties.map(([name, content]) => [name, isMaskedHeader(name, masked) ? hidden : content] as const),
      ...(text !== undefined && { value: Buffer.from(text) }),
    },
    ...(decoded && {
      decoded: decoded.kind === 'decoded' && text !== undefined ? { ...decoded, json: text } : decoded,
    }),
    ...(value !== undefined && { valueBytes: value.length }),
  };
}
