import { appendFile, mkdir, mkdtempDisposable, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { textIn } from '../../../../core/text/bilingual.ts';
import { expect, test } from 'vitest';
import type { FoundMessage } from '../../../../brokers/lookup.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { AppError } from '../../../../core/errors.ts';
import { carryOut } from '../../../../ops/change/carry-out.ts';
import { newJournal } from '../../../../ops/change/journal.ts';
import { markerIn } from '../../../../ops/resend/copy-of.ts';
import { resendFacts, type ResendFacts } from '../../../../ops/resend/facts.ts';
import { planResend, type ResendSpec } from '../../../../ops/resend/plan-resend.ts';
import { resend, type ResendTools } from '../../../../ops/resend/resend-steps.ts';
import { readSent, sentBefore, sentFile } from '../../../../ops/resend/sent-messages.ts';
import { storedTopics } from '../../../support/stored-topics.ts';

const io = { signal: new AbortController().signal };
const id = '0123456789ab';

const dead = (count: number): FoundMessage[] =>
  Array.from({ length: count }, (_, index) => ({
    topic: 'orders.DLT',
    partition: 0,
    offset: BigInt(index),
    storedAtMs: 1000 + index,
    key: Buffer.from(`order-${index}`),
    value: Buffer.from(`body ${index}`),
    properties: [],
    facts: {},
  }));

const spec = (more: Partial<ResendSpec> = {}): ResendSpec => ({
  broker: 'kafka',
  topic: 'orders.DLT',
  toOrigin: true,
  deadLetterTopics: {},
  from: { kind: 'offset', offset: 0n },
  messages: [],
  isWanted: () => true,
  limit: 1000,
  mostRead: 10_000,
  again: false,
  sentBefore: new Set(),
  ...more,
});

interface Begun {
  topics: { orders: FoundMessage[][]; 'orders.DLT': FoundMessage[][] };
  facts: ResendFacts;
  steps(more?: Partial<ResendTools>): ReturnType<typeof resend.steps>;
  run(more?: Partial<ResendTools>): Promise<readonly string[]>;
}

async function begun(folder: string, count: number): Promise<Begun> {
  const topics = { orders: [[]], 'orders.DLT': [dead(count)] } as Begun['topics'];
  const cluster = storedTopics(topics);
  const { chosen } = await planResend(cluster.lookup, cluster.sender, spec(), io);
  const sent = sentFile(folder, { cluster: 'lab', topic: 'orders.DLT', id });
  const facts = resendFacts(spec(), chosen, { id, sent, perSecond: 10_000 });
  const tools = {
    ...cluster,
    clock: systemClock,
    tell: () => undefined,
    decided: { skip: [], sendAgain: [] },
  };
  // Like the engine, skips steps that are done.
  const done = new Set<string>();
  const steps = (more: Partial<ResendTools> = {}) => resend.steps(facts, { ...tools, ...more });
  return {
    topics,
    facts,
    steps,
    async run(more) {
      const evidence: string[] = [];
      for (const step of steps(more).filter((each) => !done.has(each.id))) {
        const outcome = await step.run(io);
        if (outcome.kind !== 'done') throw new Error(JSON.stringify(outcome));
        Object.assign(facts, outcome.learnt);
        done.add(step.id);
        evidence.push(...outcome.evidence.map((line) => textIn(line, 'en')));
      }
      return evidence;
    },
  };
}

async function appendNew(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await appendFile(path, text);
}

/** Sleeps at once. */
function skippingClock() {
  let ahead = 0;
  const clock: ResendTools['clock'] = {
    now: () => new Date(systemClock.now().getTime() + ahead * 1000),
    monotonic: () => seconds(systemClock.monotonic() + ahead),
    sleep: async (duration) => void (ahead += duration),
  };
  return { clock, ahead: () => ahead };
}

const folderOf = () => mkdtempDisposable(join(tmpdir(), 'plimsoll-test-resend-'));

test('sends each message once, marks it, and records the offset of its copy', async () => {
  await using folder = await folderOf();
  const { topics, facts, run } = await begun(folder.path, 120);
  expect(await run()).toEqual(['messages sent: 120', 'copies read back: 120']);
  expect(topics.orders[0]?.map((copy) => markerIn(copy))).toEqual(
    Array.from({ length: 120 }, (_, index) => `${id} orders.DLT 0@${index}`),
  );
  expect((await readSent(facts.sent)).get('0@7')).toMatchObject({ state: 'sent', topic: 'orders', offset: '7' });
  expect(await sentBefore(folder.path, { cluster: 'lab', topic: 'orders.DLT' })).toHaveLength(120);
  expect(await sentBefore(folder.path, { cluster: 'lab', topic: 'orders' })).toHaveLength(0);
});

test.each([
  { perSecond: 1, sent: ['0@0'] },
  { perSecond: 20, sent: ['0@0', '0@1'] },
])('a resend of $perSecond per second interrupted while it waits leaves no message in an unknown state', async (of) => {
  await using folder = await folderOf();
  const { topics, facts, run } = await begun(folder.path, 3);
  Object.assign(facts, { perSecond: of.perSecond });
  const clock: ResendTools['clock'] = {
    ...systemClock,
    monotonic: () => seconds(0),
    sleep: () => Promise.reject(new Error('interrupted')),
  };
  await expect(run({ clock })).rejects.toThrow('interrupted');
  expect(topics.orders[0]).toHaveLength(of.sent.length);
  const noted = [...(await readSent(facts.sent))].map(([message, { state }]) => [message, state]);
  expect(noted).toEqual(of.sent.map((message) => [message, 'sent']));
});

test('the next plan skips messages that were sent, but not those of a re-created topic at the same offsets', async () => {
  await using folder = await folderOf();
  const { topics, run } = await begun(folder.path, 3);
  await run();
  const sent = await sentBefore(folder.path, { cluster: 'lab', topic: 'orders.DLT' });
  const planned = async () => {
    const { lookup, sender } = storedTopics(topics);
    return (await planResend(lookup, sender, spec({ sentBefore: sent }), io)).chosen.map(({ offset }) => offset);
  };
  expect(await planned()).toEqual([]);
  topics['orders.DLT'] = [dead(3).map((message) => ({ ...message, storedAtMs: 5000 }))];
  expect(await planned()).toEqual([0n, 1n, 2n]);
});

test('counts a copy as read back even if its queue shows it only some time after the acknowledgement', async () => {
  await using folder = await folderOf();
  const { topics, run } = await begun(folder.path, 3);
  const { lookup } = storedTopics(topics);
  let slept = 0;
  const evidence = await run({
    lookup: {
      partitions: lookup.partitions,
      async stored(question, within) {
        const part = await lookup.stored(question, within);
        return question.topic !== 'orders' || part.messages.length < 3 || slept >= 2
          ? part
          : { messages: part.messages.slice(0, 2), next: 2n, end: 2n };
      },
    },
    clock: { ...systemClock, sleep: async (duration) => void (slept += Number(duration >= 1)) },
  });
  expect(evidence).toContain('copies read back: 3');
  expect(slept).toBe(2);
});

test('after a lost response, a stored message is not sent again, and a missing one is', async () => {
  await using folder = await folderOf();
  const { topics, run, facts } = await begun(folder.path, 6);
  const { sender } = storedTopics(topics);
  let sends = 0;
  const lossy: ResendTools['sender'] = {
    places: sender.places,
    async send(message, within) {
      sends += 1;
      if (sends === 3) {
        await sender.send(message, within);
        throw new AppError('broker-unreachable', 'no answer');
      }
      return await sender.send(message, within);
    },
  };
  await expect(run({ sender: lossy })).rejects.toThrow('no answer');
  expect((await readSent(facts.sent)).get('0@2')).toMatchObject({ state: 'sending' });
  expect(await run({ clock: skippingClock().clock })).toEqual([
    '0@2 was sent without an answer: it is stored in orders at offset 2, and is not sent again',
    ...[3, 4, 5].map(
      (offset) => `0@${offset} was sent without an answer: it is not stored in orders, and is sent again`,
    ),
    'messages sent: 6',
    'copies read back: 6',
  ]);
  expect(topics.orders[0]?.map((copy) => copy.value?.toString())).toEqual(
    dead(6).map((each) => each.value?.toString()),
  );
});

test('a copy that its partition shows late is found by a second read and not sent again', async () => {
  await using folder = await folderOf();
  const { topics, run } = await begun(folder.path, 1);
  const { lookup, sender } = storedTopics(topics);
  const lost: ResendTools['sender'] = {
    places: sender.places,
    async send(message, within) {
      await sender.send(message, within);
      throw new AppError('broker-unreachable', 'no answer');
    },
  };
  await expect(run({ sender: lost })).rejects.toThrow('no answer');
  const { clock, ahead } = skippingClock();
  const late: ResendTools['lookup'] = {
    partitions: lookup.partitions,
    stored: async (question, within) =>
      question.topic === 'orders' && ahead() < 50
        ? { messages: [], next: 0n, end: 0n }
        : await lookup.stored(question, within),
  };
  expect(await run({ lookup: late, clock })).toContain(
    '0@0 was sent without an answer: it is stored in orders at offset 0, and is not sent again',
  );
  expect(topics.orders[0]).toHaveLength(1);
});

test('names a message with unknown outcome if others wrote too much to search, and waits for the operator', async () => {
  await using folder = await folderOf();
  const { topics, facts, steps } = await begun(folder.path, 2);
  const line = { at: '2026-11-22T18:00:00Z', message: '0@0', state: 'sending', topic: 'orders', partition: 0 };
  facts.ends = [{ topic: 'orders', partition: 0, end: '0' }];
  const cluster = storedTopics(topics);
  const busy: ResendTools['lookup'] = {
    partitions: cluster.lookup.partitions,
    stored: async (question, within) =>
      question.topic === 'orders' ? { messages: [], next: 0n, end: 5n } : await cluster.lookup.stored(question, within),
  };
  await appendNew(facts.sent, `${JSON.stringify(line)}\n`);
  const [, held] = steps({ lookup: busy });
  await expect(held?.run(io)).rejects.toThrow('--skip 0@0 or --send-again 0@0');
  expect(topics.orders[0]).toEqual([]);
  const [, decided] = steps({ lookup: busy, decided: { skip: ['0@0'], sendAgain: [] } });
  expect(await decided?.run(io)).toMatchObject({
    kind: 'done',
    evidence: [
      { en: 'messages sent: 1', zh: '已发送 1 条消息' },
      { en: 'skipped on request, 1: 0@0', zh: '按要求跳过（1 条）：0@0' },
    ],
  });
  expect(topics.orders[0]?.map((copy) => markerIn(copy))).toEqual([`${id} orders.DLT 0@1`]);
});

test('removes a line torn by a crash before the next one is written', async () => {
  await using folder = await folderOf();
  const { facts, run } = await begun(folder.path, 2);
  await appendNew(facts.sent, '{"at":"2026-11-22T18:0');
  expect(await run()).toContain('messages sent: 2');
  expect((await readFile(facts.sent, 'utf8')).split('\n').map((each) => each.slice(0, 6))).toEqual([
    ...Array.from({ length: 4 }, () => '{"at":'),
    '',
  ]);
});

test('the plan names every obstacle to its execution', async () => {
  const { lookup, sender } = storedTopics({ orders: [[]], 'orders.DLT': [dead(3)] });
  const codes = async (more: Partial<ResendSpec>) =>
    (await planResend(lookup, sender, spec(more), io)).findings
      .filter(({ severity }) => severity === 'critical')
      .map(({ code }) => code);
  expect(await codes({})).toEqual([]);
  expect(await codes({ isWanted: () => false })).toEqual(['nothing-to-resend']);
  expect(await codes({ to: 'orders.DLT' })).toEqual(['target-is-source']);
  expect(await codes({ to: 'order' })).toEqual(['target-missing']);
  const failed = dead(1).map((message) => ({ ...message, topic: 'failed' }));
  const unknown = storedTopics({ failed: [failed] });
  const lost = await planResend(unknown.lookup, unknown.sender, spec({ topic: 'failed' }), io);
  expect(lost.findings.map(({ code }) => code)).toEqual(['target-unknown', 'order-not-kept']);
  const again = await planResend(lookup, sender, spec({ sentBefore: new Set(['0@0', '0@1', '0@2']) }), io);
  expect(again.findings.map(({ code }) => code)).toEqual(['nothing-to-resend']);
  expect(again.findings[0]?.message).toContain('already sent from this machine (3); --again sends them');
  const place = { partition: 0, offset: 2n };
  const named = await planResend(lookup, sender, spec({ messages: [place, place] }), io);
  expect(named.chosen.map(({ offset }) => offset)).toEqual([2n]);
  const few = await planResend(lookup, sender, spec({ limit: 1, sentBefore: new Set(['0@0']) }), io);
  expect(few.chosen.map(({ offset }) => offset)).toEqual([1n]);
  expect(few.findings.map(({ code }) => code)).toEqual(['more-match', 'sent-before', 'every-group', 'order-not-kept']);
  expect(few.findings[0]?.messageZh).toBe('匹配的消息有 2 条，只发送最早的 1 条（--limit 1）。');
  for (const { messageZh } of few.findings) expect(messageZh).toMatch(/\p{Script=Han}.*。$/su);
});

test('chooses and sends only committed messages, and rejects a named uncommitted message with the reason', async () => {
  const { lookup, sender } = storedTopics({ orders: [[]], 'orders.DLT': [dead(3)] });
  // As in Kafka, the message at offset 1 belongs to an aborted transaction.
  const storedIn = (all: ResendTools['lookup']): ResendTools['lookup'] => ({
    partitions: all.partitions,
    async stored(question, within) {
      const part = await all.stored(question, within);
      if (question.isCommittedOnly !== true) return part;
      return { ...part, messages: part.messages.filter(({ offset }) => offset !== 1n) };
    },
  });
  const kafka: typeof lookup = {
    ...storedIn(lookup),
    messages: async (question, within) =>
      question.kind === 'offset' && question.isCommittedOnly === true && question.offset === 1n
        ? { kind: 'not-there', reason: 'offset 1 of orders.DLT-0 belongs to an aborted transaction' }
        : await lookup.messages(question, within),
  };
  const { chosen } = await planResend(kafka, sender, spec(), io);
  expect(chosen.map(({ offset }) => offset)).toEqual([0n, 2n]);
  await expect(planResend(kafka, sender, spec({ messages: [{ partition: 0, offset: 1n }] }), io)).rejects.toThrow(
    'orders.DLT has no message 0@1: offset 1 of orders.DLT-0 belongs to an aborted transaction',
  );
  await using folder = await folderOf();
  const { facts, topics, run } = await begun(folder.path, 3);
  expect(facts.messages).toMatchObject([{ offsets: ['0', '1', '2'] }]);
  const evidence = await run({ lookup: storedIn(storedTopics(topics).lookup) });
  expect(evidence).toContain('no longer stored and not sent, 1: 0@1');
});

test('reports messages behind an open transaction in the plan, and does not treat them as deleted', async () => {
  const { lookup, sender } = storedTopics({ orders: [[]], 'orders.DLT': [dead(3)] });
  // As in Kafka, the last stable offset is 1.
  const storedIn = ({ partitions, stored }: ResendTools['lookup']): ResendTools['lookup'] => ({
    partitions,
    async stored(question, within) {
      const part = await stored(question, within);
      if (question.isCommittedOnly !== true) return part;
      const messages = part.messages.filter(({ offset }) => offset < 1n);
      return { messages, next: 1n, end: 1n, isHeldBack: true };
    },
  });
  const { chosen, findings } = await planResend({ ...lookup, ...storedIn(lookup) }, sender, spec(), io);
  expect(chosen.map(({ offset }) => offset)).toEqual([0n]);
  expect(findings.map(({ code }) => code)).toContain('behind-transaction');
  await using folder = await folderOf();
  const { topics, facts, steps } = await begun(folder.path, 3);
  const journal = newJournal({ cluster: 'lab', change: 'resend', subject: 'topic orders.DLT', facts }, new Date());
  const [check, save] = [async () => undefined, async () => undefined];
  const held = { journal, clock: systemClock, signal: io.signal, tell: () => undefined, check, save };
  const resends = steps({ lookup: storedIn(storedTopics(topics).lookup) });
  // The first message is sent, so the resend has not ended.
  expect(await carryOut({ ...held, steps: resends, endsWhenRefused: true })).toMatchObject({
    kind: 'held',
    step: 'resend',
    holds: [{ what: '0@1 is behind an open transaction' }],
  });
  expect([journal.status, topics.orders[0]?.length]).toEqual(['running', 1]);
});

test('the plan reports messages that a leader did not return up to the end', async () => {
  const { lookup, sender } = storedTopics({ orders: [[]], 'orders.DLT': [dead(3)] });
  const cut: typeof lookup = {
    ...lookup,
    stored: async (question, within) => ({ ...(await lookup.stored(question, within)), end: 5n }),
  };
  const { chosen, findings } = await planResend(cut, sender, spec(), io);
  expect(chosen).toHaveLength(3);
  expect(findings.map(({ code }) => code)).toContain('not-all-read');
});

const deadOfGroup = (...retryTopics: readonly string[]): FoundMessage[] =>
  retryTopics.map((retryTopic, index) => ({
    topic: '%DLQ%billing',
    partition: 0,
    brokerName: 'broker-a',
    offset: BigInt(index),
    storedAtMs: 1000 + index,
    value: Buffer.from('body'),
    properties: [['RETRY_TOPIC', Buffer.from(retryTopic)]],
    facts: {},
  }));

test.each<[string, string, string[], string[]]>([
  // A POP group also has %RETRY%billing, which nobody reads: CONSUMER_SEND_MSG_BACK creates it.
  ['a group that only pushes', 'orders', [], []],
  ['a POP group that gave up at the first delivery', 'orders', ['%RETRY%billing_orders'], ['pop-retry-topic']],
  ['the same with retry topics of version 2', 'orders', ['%RETRY%billing+orders'], ['pop-retry-topic']],
  ['a POP group that gave up after a retry', '%RETRY%billing_orders', ['%RETRY%billing_orders'], []],
  ['a topic that brokers refuse', '%RETRY%billing+orders', ['%RETRY%billing+orders'], ['target-refused']],
])(
  '%s gets its messages where it reads them, or the plan states the reason',
  async (_, retryTopic, topics, expected) => {
    const others = Object.fromEntries(topics.map((topic) => [topic, [[]]]));
    const { lookup, sender } = storedTopics({
      '%DLQ%billing': [deadOfGroup(retryTopic)],
      '%RETRY%billing': [[]],
      orders: [[]],
      ...others,
    });
    const aim = { broker: 'rocketmq', topic: '%DLQ%billing', toOrigin: false } as const;
    const critical = async (more: Partial<ResendSpec>) =>
      (await planResend(lookup, sender, spec({ ...aim, ...more }), io)).findings
        .filter(({ severity }) => severity === 'critical')
        .map(({ code }) => code);
    expect(await critical({})).toEqual(expected);
    expect(await critical({ to: '%RETRY%billing' })).toEqual([]);
    expect(await critical({ toOrigin: true })).toEqual([]);
  },
);
