// Sends messages without a line in the file, at a limited rate; adds a line before and after each send, and sends once.

import type { Io } from '../../brokers/driver.ts';
import type { FoundMessage } from '../../brokers/lookup.ts';
import type { PartitionPlace } from '../../core/cluster.ts';
import { AppError } from '../../core/errors.ts';
import { countText } from '../../core/text/quantity-text.ts';
import { seconds } from '../../core/clock.ts';
import type { StepIo } from '../change/step.ts';
import { copiedProperties, markerOf } from './copy-of.ts';
import { countOf, type ResendFacts } from './facts.ts';
import { messageName } from './message-name.ts';
import type { ResendTools } from './resend-steps.ts';
import type { SendingLine, SentLine, SentWriter } from './sent-messages.ts';
import { placeOf, targetOf } from './target.ts';

/** Maximum messages for which it is unknown after a crash whether they are stored. */
const mostAtOnce = 50;
const messagesPerRead = 500;
/** Messages between two progress lines. */
const progressEvery = 500;

type Tools = Pick<ResendTools, 'lookup' | 'sender' | 'clock' | 'tell'> & { writer: SentWriter };

interface Outgoing {
  message: FoundMessage;
  place: PartitionPlace;
  name: string;
}

/** @throws AppError if a broker refuses a message; all earlier lines are written */
export async function sendRemaining(
  facts: ResendFacts,
  lines: Map<string, SentLine>,
  tools: Tools,
  io: StepIo,
): Promise<void> {
  const { writer, clock } = tools;
  const pace = paceOf(facts, tools);
  // At most a tenth of a second's messages at a time: a slow resend then has fewer unsettled messages after a crash.
  const atOnce = Math.min(mostAtOnce, Math.max(1, Math.floor(facts.perSecond / 10)));
  for (const { partition, brokerName, offsets } of facts.messages) {
    const source = { topic: facts.topic, partition, ...(brokerName !== undefined && { brokerName }) };
    const left = offsets.map(BigInt).filter((offset) => isOpen(lines.get(messageName({ ...source, offset }))));
    while (left.length > 0) {
      const read = await readOffsets(tools, source, left, io);
      left.splice(0, read.passed);
      const at = clock.now().toISOString();
      const gone = read.gone.map((offset) => ({
        at,
        message: messageName({ ...source, offset }),
        state: 'gone' as const,
      }));
      for (const line of gone) lines.set(line.message, line);
      if (gone.length > 0) await writer.note(gone);
      for (let from = 0; from < read.messages.length; from += atOnce) {
        await io.check?.();
        const part = await placed(facts, lines, tools, read.messages.slice(from, from + atOnce), io);
        await sendPart(facts, lines, part, { ...tools, pace }, io);
      }
    }
  }
  await writer.note([]);
}

/** Not yet sent, or found to be missing in the target. */
const isOpen = (line: SentLine | undefined): boolean => line === undefined || line.state === 'absent';

/** @param offsets ascending. @returns stored messages, up to a limit; `passed` counts the offsets decided */
async function readOffsets({ lookup }: Tools, source: PartitionPlace, offsets: readonly bigint[], io: Io) {
  const [first = 0n] = offsets;
  const from = { kind: 'offset', offset: first } as const;
  const question = { ...source, from, most: messagesPerRead, isCommittedOnly: true };
  const { messages, next, isHeldBack = false } = await lookup.stored(question, io);
  const stored = new Map(messages.map((message) => [message.offset, message]));
  const decided = offsets.filter((offset) => offset < next);
  if (decided.length === 0 && isHeldBack) {
    throw new AppError('broker-busy', `${messageName({ ...source, offset: first })} is behind an open transaction`);
  }
  // No message can follow there: a shorter topic of the same name replaced it.
  const passed = decided.length === 0 ? offsets.slice(0, 1) : decided;
  return {
    messages: passed.flatMap((offset) => stored.get(offset) ?? []),
    gone: passed.filter((offset) => !stored.has(offset)),
    passed: passed.length,
  };
}

async function placed(
  facts: ResendFacts,
  lines: ReadonlyMap<string, SentLine>,
  { sender }: Tools,
  messages: readonly FoundMessage[],
  io: Io,
): Promise<Outgoing[]> {
  const outgoing: Outgoing[] = [];
  const known = new Map<string, readonly PartitionPlace[]>();
  for (const message of messages) {
    const { to, ...aim } = facts;
    const origin = targetOf(message, { ...aim, ...(to !== undefined && { to }) });
    const name = messageName(message);
    const places = origin && (known.get(origin.topic) ?? (await sender.places(origin.topic, io)));
    if (origin !== undefined && places !== undefined) known.set(origin.topic, places);
    const place = origin && places && placeOf(message, origin, places, lines.size + outgoing.length);
    if (place === undefined) {
      throw new AppError(
        'broker-refused',
        `${name} was not sent: no partition of ${origin?.topic ?? 'its target'} takes messages`,
      );
    }
    outgoing.push({ message, place, name });
  }
  return outgoing;
}

async function sendPart(
  { id, topic, broker }: ResendFacts,
  lines: Map<string, SentLine>,
  part: readonly Outgoing[],
  { sender, writer, clock, pace }: Tools & { pace: ReturnType<typeof paceOf> },
  io: Io,
): Promise<void> {
  // The only wait is before the lines are written, so messages not sent because of an interrupt are not unsettled.
  await pace.wait(io);
  const at = clock.now().toISOString();
  const sending = part.map(({ message: { storedAtMs }, place, name }): SendingLine => {
    return { at, message: name, state: 'sending', storedAtMs, ...place };
  });
  await writer.note(sending);
  for (const line of sending) lines.set(line.message, line);
  for (const { message, place, name } of part) {
    const marker = markerOf(id, topic, message);
    const properties = copiedProperties(message, broker, { marker, target: place.topic });
    const { key, value } = message;
    const offset = await sender.send({ ...place, properties, ...(key && { key }), ...(value && { value }) }, io);
    const line: SentLine = {
      at: clock.now().toISOString(),
      message: name,
      state: 'sent',
      storedAtMs: message.storedAtMs,
      ...place,
      offset: String(offset),
    };
    lines.set(name, line);
    await writer.add(line);
    pace.count(lines);
  }
}

function paceOf(facts: ResendFacts, { clock, tell }: Tools) {
  const began = clock.monotonic();
  const all = countOf(facts);
  let sent = 0;
  return {
    async wait({ signal }: Io): Promise<void> {
      signal.throwIfAborted();
      const early = began + sent / facts.perSecond - clock.monotonic();
      if (early > 0) await clock.sleep(seconds(early), { signal });
    },
    count(lines: ReadonlyMap<string, SentLine>): void {
      sent += 1;
      if (sent % progressEvery !== 0) return;
      const over = [...lines.values()].filter(({ state }) => state !== 'sending' && state !== 'absent').length;
      tell(`  ${countText(over)} of ${countText(all)} messages`);
    },
  };
}
