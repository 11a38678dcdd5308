// Reads the copies of a resend back, and reports what is missing or stored twice.

import { partitionKey } from '../../brokers/delta/partition-key.ts';
import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, PartitionRef } from '../../brokers/lookup.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { named } from '../change/change-kind.ts';
import type { ResendFacts } from './facts.ts';
import { findCopies, type FoundCopy } from './find-copies.ts';
import type { SentLine } from './sent-messages.ts';

export interface ReadBack {
  evidence: readonly string[];
  /** Copies that everything stored was read for in vain. */
  missing: number;
}

export async function readBack(
  facts: ResendFacts,
  lines: ReadonlyMap<string, SentLine>,
  lookup: Pick<ClusterLookup, 'stored'>,
  io: Io,
): Promise<ReadBack> {
  const sent = [...lines.values()].filter((line) => line.state === 'sent');
  const used = new Set(sent.map(({ topic, partition, brokerName = '' }) => `${topic} ${brokerName} ${partition}`));
  const copies = new Map<string, FoundCopy[]>();
  let isComplete = true;
  for (const { topic, partition, brokerName, end } of facts.ends ?? []) {
    if (!used.has(`${topic} ${brokerName ?? ''} ${partition}`)) continue;
    const place: PartitionRef = { topic, partition, ...(brokerName !== undefined && { brokerName }) };
    const part = await findCopies(lookup, facts, place, BigInt(end), io);
    isComplete &&= part.isComplete;
    for (const [name, found] of part.found) copies.set(name, [...(copies.get(name) ?? []), ...found]);
  }
  const missing = sent.filter(({ message }) => !copies.has(message)).map(({ message }) => message);
  const twice = [...copies].filter(([, found]) => found.length > 1);
  const evidence = [
    `copies read back: ${countText(sent.length - missing.length)}`,
    ...(missing.length > 0
      ? [`${isComplete ? 'no longer stored' : 'search not complete'}: ${named(missing, 10)}`]
      : []),
    ...(twice.length > 0 ? [`stored more than once: ${named(twice.map(copiesText), 10)}`] : []),
  ];
  return { evidence, missing: isComplete ? missing.length : 0 };
}

const copiesText = ([name, found]: [string, readonly FoundCopy[]]) => `${name} (${found.map(copyText).join(', ')})`;
const copyText = (copy: FoundCopy) => `${partitionKey(copy).replace('\u0000', ' ')}@${copy.offset}`;
