// Checks whether messages without an acknowledgement are stored, before anything is sent again.

import { partitionKey } from '../../brokers/delta/partition-key.ts';
import type { Io } from '../../brokers/driver.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { defined } from '../../core/defined.ts';
import type { ResendFacts } from './facts.ts';
import { findCopies } from './find-copies.ts';
import type { SendingLine, SentLine, SentWriter } from './sent-messages.ts';
import type { ResendTools } from './resend-steps.ts';

export interface Settled {
  evidence: InLanguages<string>[];
  /** Messages for which it is still unknown whether they are stored. */
  inDoubt: SendingLine[];
}

type Tools = Pick<ResendTools, 'lookup' | 'clock' | 'check' | 'tell'> & { writer: SentWriter };

/** A copy may still wait for replicas above the high watermark (Kafka), or for the consume queue (RocketMQ). */
const longestHidden = seconds(60);

export async function settleDoubts(
  facts: ResendFacts,
  lines: Map<string, SentLine>,
  { lookup, writer, clock, check, tell }: Tools,
  io: Io,
): Promise<Settled> {
  const doubts = [...lines.values()].filter((line) => line.state === 'sending');
  const settled: Settled = { evidence: [], inDoubt: [] };
  for (const group of Map.groupBy(doubts, (line) => partitionKey(refOf(line))).values()) {
    const [first] = group;
    if (first === undefined) continue;
    const place = refOf(first);
    const from = firstUnknown(facts, lines, place);
    let { found, isComplete } = await findCopies(lookup, facts, place, from, io);
    const missing = group.filter(({ message }) => !found.has(message));
    const wait = isComplete ? untilShown(missing, clock) : seconds(0);
    if (wait > 0) {
      tell(`  messages sent without an answer (${missing.length}): search repeated in ${Math.ceil(wait)} s`);
      await clock.sleep(wait, io);
      await check();
      ({ found, isComplete } = await findCopies(lookup, facts, place, from, io));
    }
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
      settled.evidence.push({
        en: `${line.message} was sent without an answer: it is ${copy === undefined ? `not stored in ${line.topic}, and is sent again` : `stored in ${line.topic} at offset ${copy.offset}, and is not sent again`}`,
        zh: `${line.message} 已发送但未收到确认：${copy === undefined ? `${line.topic} 中没有该消息，重新发送` : `已存储在 ${line.topic} 的位点 ${copy.offset}，不再发送`}`,
      });
    }
  }
  return settled;
}

/** Uses clocks of this machine: one that was set back adds no wait. */
function untilShown(missing: readonly SendingLine[], clock: Pick<Clock, 'now'>): Seconds {
  const newest = Math.max(...missing.map(({ at }) => Date.parse(at)));
  const left = longestHidden - (clock.now().getTime() - newest) / 1000;
  return seconds(Math.max(0, Math.min(longestHidden, left)));
}

/** @returns the offset after this resend's last acknowledged copy there, or else the partition's end before the resend */
function firstUnknown({ ends = [] }: ResendFacts, lines: ReadonlyMap<string, SentLine>, place: PartitionPlace): bigint {
  const key = partitionKey(place);
  let from = BigInt(ends.find((each) => partitionKey(refOf(each)) === key)?.end ?? '0');
  for (const line of lines.values()) {
    if (line.state !== 'sent' || partitionKey(refOf(line)) !== key) continue;
    const after = BigInt(line.offset) + 1n;
    if (after > from) from = after;
  }
  return from;
}

type ParsedPlace = Pick<PartitionPlace, 'topic' | 'partition'> & { brokerName?: string | undefined };

const refOf = ({ topic, partition, brokerName }: ParsedPlace): PartitionPlace =>
  defined({ topic, partition, brokerName });
