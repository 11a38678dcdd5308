// Compares the bytes that `plimsoll bytes` computes with network counters of real leaders under load.

import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, expect } from 'vitest';
import type { ClusterLoad } from '../../core/wire/cluster-load.ts';
import { cardBytes, messageCost } from '../../core/wire/message-cost.ts';
import type { JournalLine } from '../../core/documents/run-bundle.ts';
import { bitsPerSecond } from '../../core/units.ts';
import type { RocketmqMode } from '../../lab/rocketmq/mode.ts';
import { driveRun } from '../support/driven-run.ts';
import { startKafka } from '../support/kafka.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { startRocketmq } from '../support/rocketmq.ts';
import { readWire, since, type ConnectionCounts, type WireReading } from '../support/wire-bytes.ts';
import { readCommit, updateEvidencePage } from '../support/evidence-page.ts';
import { lastRowMade } from '../../bench/real-truth/truth-rows.ts';
import { keepRow, type EvidenceTable } from '../support/evidence-table.ts';
import { systemClock } from '../../core/clock.ts';

const nic = bitsPerSecond(100e6);
const bodyBytes = 500;
const topic = 'plimsoll-o';
const nearest = 0.05;
const idleSeconds = 3;
const window = { from: 7, to: 14 };
const lingerSeconds = 0.005;

/** Rates that fill a third of the link, and at most half in the busier direction. */
interface Case {
  product: 'kafka' | 'rocketmq';
  version: string;
  mode: 'kraft' | 'single' | 'master-slave' | 'dledger' | 'controller';
  replicas: number;
  rate: number;
}

const cases: readonly Case[] = [
  { product: 'kafka', version: '4.3.1', mode: 'kraft', replicas: 1, rate: 6000 },
  { product: 'kafka', version: '4.3.1', mode: 'kraft', replicas: 3, rate: 3000 },
  { product: 'rocketmq', version: '4.9.7', mode: 'single', replicas: 1, rate: 4000 },
  { product: 'rocketmq', version: '4.9.7', mode: 'master-slave', replicas: 2, rate: 3000 },
  { product: 'rocketmq', version: '4.9.7', mode: 'dledger', replicas: 3, rate: 1500 },
  { product: 'rocketmq', version: '5.3.3', mode: 'single', replicas: 1, rate: 4000 },
  { product: 'rocketmq', version: '5.3.3', mode: 'controller', replicas: 3, rate: 2000 },
];

interface Outcome extends Case {
  perRequest: number;
  perPull: number;
  measured: { in: number; out: number };
  expected: { in: number; out: number };
}

const outcomes: Outcome[] = [];
const difference = ({ measured, expected }: Outcome, direction: 'in' | 'out') =>
  measured[direction] / expected[direction] - 1;

for (const one of fullMatrix ? cases : cases.slice(0, 1)) {
  requires('java', 'maven', 'root', 'ip', 'tc', 'ethtool').test(
    `${nameOf(one)}: the NIC counters are within 5% of the computed bytes in both directions`,
    async () => {
      const outcome = await driven(one);
      outcomes.push(outcome);
      if (fullMatrix) await keepRow(table, rowOf(outcome), await lastRowMade());
      expect(Math.abs(difference(outcome, 'in')), JSON.stringify(outcome)).toBeLessThan(nearest);
      expect(Math.abs(difference(outcome, 'out')), JSON.stringify(outcome)).toBeLessThan(nearest);
    },
    300_000,
  );
}

afterAll(async () => {
  if (fullMatrix && outcomes.length > 0) await keepAttempt();
});

async function driven(one: Case): Promise<Outcome> {
  await using lab = await started(one);
  const folder = dirname(lab.configPath);
  const hosts = Array.from({ length: one.replicas }, (_, index) => `broker-${index + 1}`);
  const readAll = () => Promise.all(hosts.map((host) => readWire(folder, host)));

  const idleFrom = { at: performance.now(), wire: await readAll() };
  await delay(1000 * idleSeconds);
  const idleTo = { at: performance.now(), wire: await readAll() };

  await using run = await driveRun(lab.configPath, {
    topic,
    partitions: one.product === 'kafka' ? 1 : 4,
    messageSize: `${bodyBytes}B`,
    groups: 1,
    linger: `${1000 * lingerSeconds}ms`,
    ...(one.product === 'rocketmq' && { requests: 'single' }),
    profile: { kind: 'constant', rate: one.rate, duration: '15s' },
  });
  await run.at(window.from);
  const from = { at: run.elapsed(), wire: await readAll() };
  await run.at(window.to);
  const to = { at: run.elapsed(), wire: await readAll() };
  const { journal } = await run.result();

  const moved = hosts.map((_, index) => since(from.wire[index] as WireReading, to.wire[index] as WireReading));
  const fullest = moved.reduce((most, { card }, index) => (sumOf(card) > sumOf(moved[most]?.card) ? index : most), 0);
  const { card, connections } = moved[fullest] as WireReading;
  const idle = since(idleFrom.wire[fullest] as WireReading, idleTo.wire[fullest] as WireReading).card;
  const idleShare = (to.at - from.at) / ((idleTo.at - idleFrom.at) / 1000);
  const counted = countsOf(journal, { from: from.at, to: to.at });
  const measured = {
    in: (card.inBytes - idle.inBytes * idleShare) / counted.acknowledged,
    out: (card.outBytes - idle.outBytes * idleShare) / counted.acknowledged,
  };
  const load = loadOf(one, counted, connections);
  return {
    ...one,
    perRequest: counted.acknowledged / counted.requests,
    perPull: load.messagesPerPull ?? 0,
    measured,
    expected: cardBytes(messageCost(load)),
  };
}

const started = ({ product, version, replicas, mode }: Case) =>
  product === 'kafka'
    ? startKafka({ version, brokers: replicas === 3 ? 3 : 1, nic })
    : startRocketmq({ version, mode: mode as RocketmqMode, nic });

const sumOf = (card: WireReading['card'] | undefined) => (card === undefined ? 0 : card.inBytes + card.outBytes);

/** Sums the journal's seconds, each weighted by its part between the two readings. */
function countsOf(journal: readonly JournalLine[], { from, to }: { from: number; to: number }) {
  const counted = { acknowledged: 0, requests: 0, consumed: 0 };
  for (const line of journal) {
    if (line.kind !== 'produced' && line.kind !== 'consumed') continue;
    const begun = Math.max(from, line.elapsedSeconds - line.intervalSeconds);
    const share = Math.max(0, Math.min(to, line.elapsedSeconds) - begun) / line.intervalSeconds;
    if (line.kind === 'consumed') counted.consumed += share * line.messages;
    else {
      counted.acknowledged += share * line.acknowledged;
      counted.requests += share * line.requests;
    }
  }
  return counted;
}

/** Batching of the run as recorded: messages per request, pull and replica. */
function loadOf(
  one: Case,
  counted: ReturnType<typeof countsOf>,
  connections: readonly ConnectionCounts[],
): ClusterLoad {
  const generator = '198.18.0.2';
  const clients = connections.filter(
    ({ peer, localPort }) => peer === generator && localPort === clientPort[one.product],
  );
  const producers = clients.filter(({ received, sent }) => received > sent);
  const consumers = clients.filter(({ received, sent }) => received <= sent);
  const copies = connections.filter(({ peer, localPort }) => peer !== generator && localPort === copyPort[one.product]);
  const segments = (some: readonly ConnectionCounts[], direction: 'segmentsIn' | 'segmentsOut') =>
    some.reduce((sum, each) => sum + each[direction], 0);
  // A push of one entry fills one segment; a follower that lags on busy cores receives fewer pushes.
  const pushes = segments(
    connections.filter(({ peerPort }) => peerPort === dledgerPort),
    'segmentsOut',
  );
  const followers = one.mode === 'dledger' ? pushes / counted.acknowledged : one.replicas - 1;
  const common = {
    replicas: 1 + followers,
    // A group that catches up reads more than producers write at the same time.
    groups: counted.consumed / counted.acknowledged,
    bodyBytes,
    topicBytes: topic.length,
    groupBytes: 19,
    messagesPerPull: counted.consumed / segments(consumers, 'segmentsIn'),
    // Each transfer report and each fetch request uses a separate segment.
    ...(followers > 0 &&
      one.mode !== 'dledger' && {
        messagesPerTransfer: (followers * counted.acknowledged) / segments(copies, 'segmentsIn'),
      }),
  };
  if (one.product === 'kafka') {
    return { broker: 'kafka', mode: 'kraft', ...common, recordsPerBatch: counted.acknowledged / counted.requests };
  }
  return {
    broker: 'rocketmq',
    mode: one.mode as Exclude<Case['mode'], 'kraft'>,
    generation: one.version.startsWith('4') ? 4 : 5,
    ...common,
    clusterNameBytes: 'lab'.length,
    client: 'plimsoll',
    requestsPerWrite: Math.max(1, Math.round(one.rate * lingerSeconds)),
    answersPerSegment: counted.acknowledged / segments(producers, 'segmentsOut'),
  };
}

const clientPort = { kafka: 9092, rocketmq: 10_911 };
const copyPort = { kafka: 9092, rocketmq: 10_912 };
const dledgerPort = 40_911;

const figure = (value: number) => value.toFixed(value < 100 ? 1 : 0);
const share = (value: number) => `${(100 * value).toFixed(1)}%`;

function nameOf({ product, version, mode, replicas }: Case): string {
  return `${product} ${version} ${mode} of ${replicas}`;
}

const table: EvidenceTable = {
  page: 'docs/evidence/truth.md',
  heading: 'Bytes on the wire',
  data: 'evidence/truth/bytes.csv',
  says: [
    `Error of \`plimsoll bytes\`: its bytes per message for the batching and copies of the run, against the counters of the network card of the leader or`,
    `master, minus idle traffic. 100 Mbit/s cards, bodies of ${bodyBytes} bytes, one group (test/integration/byte-oracle.test.ts).`,
  ].join('\n'),
  columns: [
    { name: 'brokers' },
    { name: 'msg/s', isNumber: true },
    { name: 'per request', isNumber: true, isHidden: true },
    { name: 'per pull', isNumber: true, isHidden: true },
    { name: 'in, counted', isNumber: true, isHidden: true },
    { name: 'in, computed', isNumber: true, isHidden: true },
    { name: 'error (in)', isNumber: true },
    { name: 'out, counted', isNumber: true, isHidden: true },
    { name: 'out, computed', isNumber: true, isHidden: true },
    { name: 'error (out)', isNumber: true },
  ],
};

function rowOf(outcome: Outcome): string[] {
  const cells = (direction: 'in' | 'out') => [
    figure(outcome.measured[direction]),
    figure(outcome.expected[direction]),
    share(difference(outcome, direction)),
  ];
  return [
    nameOf(outcome),
    outcome.rate.toLocaleString('en-US'),
    figure(outcome.perRequest),
    figure(outcome.perPull),
    ...cells('in'),
    ...cells('out'),
  ];
}

async function keepAttempt(): Promise<void> {
  const offs = outcomes.map((outcome) => {
    const off = Math.max(Math.abs(difference(outcome, 'in')), Math.abs(difference(outcome, 'out')));
    return `${nameOf(outcome)} ${share(off)}`;
  });
  await updateEvidencePage('docs/evidence/truth.md', {
    attempt: {
      command: 'npm run test:full -- test/integration/byte-oracle.test.ts',
      commit: await readCommit(),
      at: systemClock.now(),
      outcome: `bytes by arithmetic, off in the worse direction (goal 5%): ${offs.join('; ')}`,
    },
  });
}
