// Implements the steps of a resend: note the end offsets of the targets, send each message once, and read the copies back.

import type { Io } from '../../brokers/driver.ts';
import type { ClusterLookup } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import type { MessageSender } from '../../brokers/message-sender.ts';
import { type Clock, seconds, type Seconds } from '../../core/clock.ts';
import { AppError } from '../../core/errors.ts';
import { named, type Text } from '../../core/text/bilingual.ts';
import { countText } from '../../core/text/quantity-text.ts';
import type { ChangeKind } from '../change/change-kind.ts';
import { changesNothing, done, type Step, type StepIo } from '../change/step.ts';
import { countOf, ResendFacts } from './facts.ts';
import { openSent, readSent, type SentLine, type SendingLine, type SentWriter } from './sent-messages.ts';
import { sendRemaining } from './send-remaining.ts';
import { partitionKey } from '../../brokers/delta/partition-key.ts';
import { findCopies, type FoundCopy } from './find-copies.ts';
import type { InLanguages } from '../../core/documents/findings/finding-entry.ts';
import { defined } from '../../core/defined.ts';

export interface ResendTools {
  lookup: Pick<ClusterLookup, 'stored' | 'partitions'>;
  sender: Pick<MessageSender, 'places' | 'send'>;
  clock: Clock;
  tell(line: string): void;
  /** Decisions of an operator about messages, by name. */
  decided: { skip: readonly string[]; sendAgain: readonly string[] };
}

export const resend = {
  name: 'resend',
  facts: ResendFacts,
  steps: (facts, tools) => [seeEnds(facts, tools), sendOnce(facts, tools), seeCopies(facts, tools)],
} satisfies ChangeKind<ResendFacts, ResendTools>;

function seeEnds({ targets }: ResendFacts, { lookup }: ResendTools): Step<ResendFacts> {
  return {
    id: 'see-ends',
    description: `record the end offsets of ${targets.join(', ')}`,
    zh: `记录 ${targets.join('、')} 的末尾位点`,
    pause: seconds(1),
    undo: changesNothing,
    async run(io) {
      const ends: NonNullable<ResendFacts['ends']> = [];
      for (const topic of targets) {
        for (const { partition, brokerName } of await lookup.partitions(topic, io)) {
          const place = { topic, partition, ...(brokerName !== undefined && { brokerName }) };
          const { end } = await lookup.stored({ ...place, from: { kind: 'newest' }, most: 1 }, io);
          ends.push({ ...place, end: String(end) });
        }
      }
      return { ...done(), learnt: { ends } };
    },
  };
}

function sendOnce(facts: ResendFacts, tools: ResendTools): Step<ResendFacts> {
  const { topic, targets } = facts;
  return {
    id: 'resend',
    description: `send messages of ${topic} (${countText(countOf(facts))}) to ${targets.join(', ')}, at most ${facts.perSecond} msg/s`,
    zh: `把 ${topic} 的消息（${countText(countOf(facts))} 条）发往 ${targets.join('、')}，最多每秒 ${facts.perSecond} 条`,
    pause: seconds(2),
    async run(io) {
      await using writer = await openSent(facts.sent);
      const lines = await readSent(facts.sent);
      await applyDecisions(lines, tools, writer);
      const { evidence, inDoubt } = await settleDoubts(facts, lines, { ...tools, writer }, io);
      for (const line of evidence) tools.tell(`  ${line.en}`);
      // Waiting does not help: each check reads everything written since.
      if (inDoubt.length > 0) throw new AppError('change-refused', inDoubt.map(doubtText).join('; '));
      await sendRemaining(facts, lines, { ...tools, writer }, io);
      return done([...evidence, ...stateTexts(lines)]);
    },
    undo: {
      description: 'send nothing more; sent messages cannot be recalled',
      zh: '不再发送；已发送的消息无法撤回',
      run: (io) => whatRemains(facts, tools, io),
    },
  };
}

const doubtText = ({ message, topic }: { message: string; topic: string }) =>
  `whether ${message} is stored in ${topic} is unknown: too much was written there since. --resume with --skip ${message} or --send-again ${message} decides`;

async function applyDecisions(
  lines: Map<string, SentLine>,
  { decided, clock }: ResendTools,
  writer: { note(lines: readonly SentLine[]): Promise<void> },
): Promise<void> {
  const at = clock.now().toISOString();
  const noted: SentLine[] = [
    ...decided.skip.map((message) => ({ at, message, state: 'skipped' as const })),
    ...decided.sendAgain.map((message) => ({ at, message, state: 'absent' as const })),
  ].filter(({ message }) => lines.get(message)?.state !== 'sent');
  for (const line of noted) lines.set(line.message, line);
  if (noted.length > 0) await writer.note(noted);
}

/** @returns texts by state of the messages, unsettled ones last */
function stateTexts(lines: ReadonlyMap<string, SentLine>): Text[] {
  const names = (state: SentLine['state']) =>
    [...lines.values()].filter((line) => line.state === state).map(({ message }) => message);
  const [sent, skipped, gone, doubtful] = [names('sent'), names('skipped'), names('gone'), names('sending')];
  return [
    { en: `messages sent: ${countText(sent.length)}`, zh: `已发送 ${countText(sent.length)} 条消息` },
    ...counted(skipped, 'skipped on request', '按要求跳过'),
    ...counted(gone, 'no longer stored and not sent', '已不在存储中，未发送'),
    ...counted(doubtful, 'sent without an answer', '已发送但未收到确认'),
  ];
}

function counted(names: readonly string[], what: string, zh: string): Text[] {
  const en = `${what}, ${countText(names.length)}: ${named(names, 10)}`;
  return names.length === 0 ? [] : [{ en, zh: `${zh}（${countText(names.length)} 条）：${named(names, 10, 'zh')}` }];
}

async function whatRemains(facts: ResendFacts, tools: ResendTools, io: StepIo): Promise<Text[]> {
  const lines = await readSent(facts.sent);
  await using writer = await openSent(facts.sent);
  const { evidence } = await settleDoubts(facts, lines, { ...tools, writer }, io);
  const over = [...lines.values()].filter(({ state }) => state !== 'absent').length;
  const left = countText(countOf(facts) - over);
  return [...evidence, ...stateTexts(lines), { en: `messages not sent: ${left}`, zh: `未发送 ${left} 条消息` }];
}

/** Maximum checks for copies: RocketMQ shows an acknowledged message in its queue some moments later, more so on a busy broker. */
const looks = 6;
const betweenLooks = seconds(1);

function seeCopies(facts: ResendFacts, { lookup, clock }: ResendTools): Step<ResendFacts> {
  return {
    id: 'see-copies',
    description: 'read the copies back',
    zh: '读回已发送的消息进行核对',
    pause: seconds(1),
    undo: changesNothing,
    async run(io) {
      const lines = await readSent(facts.sent);
      let back = await readBack(facts, lines, lookup, io);
      for (let look = 1; back.missing > 0 && look < looks; look++) {
        await clock.sleep(betweenLooks, io);
        back = await readBack(facts, lines, lookup, io);
      }
      return done(back.evidence);
    },
  };
}

/** @returns copies that are missing or stored twice, and the number of copies not found although everything was read */
async function readBack(
  facts: ResendFacts,
  lines: ReadonlyMap<string, SentLine>,
  lookup: Pick<ClusterLookup, 'stored'>,
  io: Io,
) {
  const sent = [...lines.values()].filter((line) => line.state === 'sent');
  const used = new Set(sent.map(({ topic, partition, brokerName = '' }) => `${topic} ${brokerName} ${partition}`));
  const copies = new Map<string, FoundCopy[]>();
  let isComplete = true;
  for (const { topic, partition, brokerName, end } of facts.ends ?? []) {
    if (!used.has(`${topic} ${brokerName ?? ''} ${partition}`)) continue;
    const place: PartitionPlace = { topic, partition, ...(brokerName !== undefined && { brokerName }) };
    const part = await findCopies(lookup, facts, place, BigInt(end), io);
    isComplete &&= part.isComplete;
    for (const [name, found] of part.found) copies.set(name, [...(copies.get(name) ?? []), ...found]);
  }
  const missing = sent.filter(({ message }) => !copies.has(message)).map(({ message }) => message);
  const twice = [...copies].filter(([, found]) => found.length > 1);
  const evidence = [
    {
      en: `copies read back: ${countText(sent.length - missing.length)}`,
      zh: `已核对 ${countText(sent.length - missing.length)} 条已发送的消息`,
    },
    ...(isComplete
      ? counted(missing, 'no longer stored', '已不在存储中')
      : counted(missing, 'search not complete', '查找未完成')),
    ...counted(twice.map(copiesText), 'stored more than once', '存储了多份'),
  ];
  return { evidence, missing: isComplete ? missing.length : 0 };
}

const copiesText = ([name, found]: [string, readonly FoundCopy[]]) => `${name} (${found.map(copyText).join(', ')})`;
const copyText = (copy: FoundCopy) => `${partitionKey(copy).replace('\u0000', ' ')}@${copy.offset}`;

interface Settled {
  evidence: InLanguages<string>[];
  /** Messages for which it is still unknown whether they are stored. */
  inDoubt: SendingLine[];
}

type Tools = Pick<ResendTools, 'lookup' | 'clock' | 'tell'> & { writer: SentWriter };

/** A copy may still wait for replicas above the high watermark (Kafka), or for the consume queue (RocketMQ). */
const longestHidden = seconds(60);

async function settleDoubts(
  facts: ResendFacts,
  lines: Map<string, SentLine>,
  { lookup, writer, clock, tell }: Tools,
  io: StepIo,
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
      await io.check?.();
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
