// Replays the journal of a soak of several weeks at high speed, and measures the memory of writing and resuming it.

import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JournalLine } from '../core/documents/run-bundle.ts';
import { openAppendLog } from '../loadgen/record/bundle/append-log.ts';
import { readResumption } from '../loadgen/record/bundle/resumption.ts';
import { completeWorkload, WorkloadFile } from '../loadgen/plan/workload.ts';
import type { LoadTestDocument } from '../loadgen/plan/stored-workload.ts';
import { createDeliveryCheck } from '../loadgen/delivery/delivery-check.ts';
import { createReceiveRecorder } from '../loadgen/delivery/receive-recorder.ts';
import { createSendRecorder } from '../loadgen/delivery/send-recorder.ts';
import { createLatencyRecorder } from '../loadgen/record/latency.ts';
import { createMark, payloadHeaderBytes, writeChecksum, writeHeader } from '../loadgen/delivery/payload-header.ts';
import { createRunProgressSum } from '../loadgen/record/run-progress-sum.ts';

export interface SoakReplay {
  /** Duration of the run, and times of its replay: written and summed, then read back like a resumed run. */
  seconds: number;
  writtenSeconds: number;
  resumedSeconds: number;
  /** User and system time of all its threads, start and garbage collection included. */
  cpuSeconds: number;
  journalBytes: number;
  /** Peak memory in the first tenth, which loads code and fills buffers, and after it. */
  earlyResidentBytes: number;
  lateResidentBytes: number;
}

const soakSeconds = Number(process.argv[2]);
const messagesPerSecond = 100;
const batchMessages = 10;
const partitions = 12;
const slotCount = 64;
/** More than a line, or the next one, contains. */
const histogramCount = 1021;
const stepSeconds = 3600;
/** A run flushes each second and waits for the disk; here a minute is written at once. */
const flushSeconds = 60;
const epoch = Date.UTC(2026, 0, 1) * 1000;

const folder = await mkdtemp(join(tmpdir(), 'plimsoll-soak-'));
try {
  process.stdout.write(`${JSON.stringify(await replay(folder))}\n`);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function replay(directory: string): Promise<SoakReplay> {
  const workload = completeWorkload(
    WorkloadFile.parse({
      topic: 'soak',
      messageSize: '500B',
      profile: { kind: 'soak', rate: messagesPerSecond, duration: `${soakSeconds}s` },
    }),
    {},
  );
  const sum = createRunProgressSum(['g']);
  const ledger = createDeliveryCheck({ topics: ['soak'], groups: ['g'], transactions: false, delayed: false });
  const nextLines = linesOf();
  const resident: number[] = [];
  const started = performance.now();
  const path = join(directory, 'journal.ndjson');
  {
    await using journal = await openAppendLog<JournalLine>(path);
    for (let second = 0; second < soakSeconds; second++) {
      for (const line of nextLines(second)) {
        journal.append(line);
        sum.add(line);
        ledger.add(line);
      }
      if (second % flushSeconds !== flushSeconds - 1) continue;
      await journal.flush();
      resident.push(process.memoryUsage.rss());
    }
    await journal.flush();
  }
  const written = performance.now();
  const document = documentOf(workload);
  const watching = setInterval(() => resident.push(process.memoryUsage.rss()), 500);
  const resumed = await readResumption(directory, document, { signal: new AbortController().signal });
  clearInterval(watching);
  if (resumed.account.sum.acknowledgedMessages() !== sum.acknowledgedMessages()) throw new Error('the sums differ');
  const early = Math.ceil(soakSeconds / flushSeconds / 10);
  return {
    seconds: soakSeconds,
    writtenSeconds: (written - started) / 1000,
    resumedSeconds: (performance.now() - written) / 1000,
    cpuSeconds: cpuSeconds(),
    journalBytes: (await stat(path)).size,
    earlyResidentBytes: Math.max(...resident.slice(0, early)),
    lateResidentBytes: Math.max(...resident.slice(early)),
  };
}

function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** @returns a function that returns the lines of a second, of a producer and a consumer with the delivery check */
function linesOf(): (second: number) => JournalLine[] {
  const slots = Array.from({ length: slotCount }, (_, slot) => slot);
  const mark = createMark('soak', 1);
  const sender = createSendRecorder({ attempt: 1, slotCount, slots });
  const receiver = createReceiveRecorder({ marks: [{ attempt: 1, mark }], slotCount, senders: [slots] });
  const histograms = encodedHistograms();
  let turn = 0;
  const histogram = () => histograms[turn++ % histogramCount] ?? '';
  const offsets = new Float64Array(partitions);
  const words = new Uint32Array(payloadHeaderBytes / 4);
  const value = Buffer.from(words.buffer);
  const load = { eventLoopUtilisation: 0.05, cpuSeconds: 0.05 };

  return (second) => {
    const elapsedSeconds = second + 1;
    for (let first = 0; first < messagesPerSecond; first += batchMessages) {
      const numbers = Array.from({ length: batchMessages }, (_, i) => second * messagesPerSecond + first + i);
      const place = ((numbers[0] ?? 0) / batchMessages) % partitions;
      sender.sent(place, numbers);
      sender.settle(numbers, 'acknowledged', 0, numbers.length);
      for (const number of numbers) {
        const due = epoch + (number / messagesPerSecond) * 1e6;
        writeHeader(words, 0, mark, number, due);
        writeChecksum(words, 0, value);
        receiver.receive(value, place, (offsets[place] = (offsets[place] ?? 0) + 1), due);
      }
    }
    const [sent, received] = [sender.take(), receiver.take()];
    const bytes = messagesPerSecond * 500;
    const step = Math.floor(second / stepSeconds);
    const isFirst = second % stepSeconds === 0;
    return [
      ...(isFirst && step > 0 ? [{ kind: 'step-ended' as const, elapsedSeconds: second, step: step - 1 }] : []),
      ...(isFirst
        ? [{ kind: 'step-started' as const, elapsedSeconds: second, step, targetTps: messagesPerSecond }]
        : []),
      {
        kind: 'produced',
        elapsedSeconds,
        intervalSeconds: 1,
        worker: 'producer-0',
        intended: messagesPerSecond,
        sent: messagesPerSecond,
        acknowledged: messagesPerSecond,
        failed: 0,
        requests: messagesPerSecond,
        bytes,
        latency: histogram(),
        sendDelay: histogram(),
        service: histogram(),
        blockedSeconds: 0,
        eventLoopDelayMaxSeconds: 0.001,
        ...load,
        ...(sent && { ledger: sent }),
      },
      {
        kind: 'consumed',
        elapsedSeconds,
        intervalSeconds: 1,
        worker: 'consumer-1',
        group: 'g',
        messages: messagesPerSecond,
        bytes,
        endToEnd: histogram(),
        negativeSamples: 0,
        ...load,
        ...(received && { ledger: received }),
      },
    ];
  };
}

/** Encoded in advance: workers encode histograms in separate threads, parallel to the work that is timed here. */
function encodedHistograms(): string[] {
  const recorder = createLatencyRecorder();
  let draw = 1;
  const random = () => (draw = (draw * 48271) % 2147483647) / 2147483647;
  return Array.from({ length: histogramCount }, () => {
    for (let i = 0; i < messagesPerSecond; i++) recorder.record(0.001 + 0.004 * random() ** 4);
    return recorder.take();
  });
}

function documentOf(workload: object): LoadTestDocument {
  return {
    schemaVersion: 1,
    id: 'soak',
    broker: 'kafka',
    cluster: 'bench',
    workload: { messageBytes: 500 },
    origin: 'load-test',
    startedAt: new Date(epoch / 1000).toISOString(),
    profile: { name: 'soak', description: 'soak' },
    warmUpSeconds: 0,
    steps: [],
    environment: { hosts: [], brokers: [] },
    versions: {},
    resume: {
      workload: JSON.parse(JSON.stringify(workload)) as Record<string, unknown>,
      keepTopic: true,
      ownTopics: [],
      clusterDigest: '',
    },
  };
}
