// Finds out of messages whose send was not acknowledged whether they are stored, before anything is sent again.

import { partitionKey } from '../../brokers/delta/partition-key.ts';
import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup, PartitionRef } from '../../brokers/lookup.ts';
import type { Clock } from '../../core/clock.ts';
import type { ResendFacts } from './facts.ts';
import { findCopies } from './find-copies.ts';
import type { SendingLine, SentLine, SentWriter } from './sent-messages.ts';

export interface Settled {
  /** Texts about what was found. */
  evidence: string[];
  /** Whether these are stored could not be found out. */
  inDoubt: SendingLine[];
}

export async function settleDoubts(
  facts: ResendFacts,
  lines: Map<string, SentLine>,
  { lookup, writer, clock }: { lookup: Pick<ClusterLookup, 'stored'>; writer: SentWriter; clock: Clock },
  io: Io,
): Promise<Settled> {
  const doubts = [...lines.values()].filter((line) => line.state === 'sending');
  const settled: Settled = { evidence: [], inDoubt: [] };
  for (const group of Map.groupBy(doubts, (line) => partitionKey(refOf(line))).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const place = refOf(first);
    const { found, isComplete } = await findCopies(lookup, facts, place, firstUnknown(facts, lines, place), io);
    const at = clock.now().toISOString();
    for (const line of group) {
      const [copy] = found.get(line.message) ?? [];
      if (copy === undefined && !isComplete) {
        settled.inDoubt.push(line);
        continue;
      }
      const known: SentLine =
        copy === undefined
          ? { at, message: line.message, state: 'absent' }
          : { ...line, at, state: 'sent', offset: String(copy.offset) };
      lines.set(line.message, known);
      await writer.add(known);
      settled.evidence.push(
        `${line.message} was sent without an answer: it is ${copy === undefined ? `not stored in ${line.topic}, and is sent again` : `stored in ${line.topic} at offset ${copy.offset}, and is not sent again`}`,
      );
    }
  }
  return settled;
}

/** Behind what this resend stored there with an answer, else where the partition ended before it. */
function firstUnknown({ ends = [] }: ResendFacts, lines: ReadonlyMap<string, SentLine>, place: PartitionRef): bigint {
  const key = partitionKey(place);
  const end = ends.find((each) => partitionKey(refOf(each)) === key)?.end ?? '0';
  let from = BigInt(end);
  for (const line of lines.values()) {
    if (line.state !== 'sent' || partitionKey(refOf(line)) !== key) continue;
    const after = BigInt(line.offset) + 1n;
    if (after > from) from = after;
  }
  return from;
}

type ParsedPlace = Pick<PartitionRef, 'topic' | 'partition'> & { brokerName?: string | undefined };

const refOf = ({ topic, partition, brokerName }: ParsedPlace): PartitionRef => ({
  topic,
  partition,
  ...(brokerName !== undefined && { brokerName }),
});
