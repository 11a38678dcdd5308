// Runs one short load test, and reads counts and contradictions from its bundle.

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { groupInTopic } from '../../loadgen/plan/group-in-topic.ts';
import { DeliveryAccount } from '../../core/documents/delivery-account.ts';
import { JournalLine } from '../../core/documents/run-bundle.ts';
import type { ReadOffsets } from './tool-offsets.ts';
import { runCli } from './run-cli.ts';
import type { WorkloadWords } from './matrix-workloads.ts';

export interface MatrixRun {
  name: string;
  ledger: DeliveryAccount;
  topics: string[];
  groups: string[];
  /** True if Kafka transactions add markers, which occupy offsets. */
  hasMarkers: boolean;
  /** Message counts, summed over the journal; `received` by group. */
  journal: {
    intended: number;
    dropped: number;
    sent: number;
    acknowledged: number;
    received: Map<string, number>;
    /** By error code: number of failed sends, and the last error message. */
    errors: Map<string, { count: number; message: string }>;
  };
}

/** @param folder for the workload file and the bundle, both named after the run */
export async function driveMatrixRun(
  name: string,
  workload: WorkloadWords,
  { folder, configPath }: { folder: string; configPath: string },
): Promise<MatrixRun> {
  const base = join(folder, name.replaceAll(' ', '-'));
  await writeFile(`${base}.yaml`, stringify(workload));
  const words = `run ${base}.yaml --config ${configPath} --out ${base} --keep-topic --json`;
  const { exitCode, stdout, stderr } = await runCli(...words.split(' '));
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}: ${stdout}${stderr}`);
  const { ledger } = JSON.parse(stdout) as { ledger: unknown };
  const document = JSON.parse(await readFile(join(base, 'run.json'), 'utf8')) as {
    broker: string;
    resume: { ownTopics: string[] };
  };
  const account = DeliveryAccount.parse(ledger);
  return {
    name,
    ledger: account,
    topics: document.resume.ownTopics,
    groups: account.groups.map(({ group }) => group),
    hasMarkers: document.broker === 'kafka' && workload['transactions'] !== undefined,
    journal: addUp(await readFile(join(base, 'journal.ndjson'), 'utf8')),
  };
}

function addUp(text: string): MatrixRun['journal'] {
  const sum = {
    intended: 0,
    dropped: 0,
    sent: 0,
    acknowledged: 0,
    received: new Map<string, number>(),
    errors: new Map<string, { count: number; message: string }>(),
  };
  for (const written of text.trimEnd().split('\n')) {
    const line = JournalLine.parse(JSON.parse(written));
    if (line.kind === 'produced') {
      sum.intended += line.intended;
      sum.dropped += line.dropped ?? 0;
      sum.sent += line.sent;
      sum.acknowledged += line.acknowledged;
    }
    if (line.kind === 'error') {
      const { code, message, count } = line;
      sum.errors.set(code, { count: (sum.errors.get(code)?.count ?? 0) + count, message });
    }
    if (line.kind === 'consumed') {
      sum.received.set(line.group, (sum.received.get(line.group) ?? 0) + line.messages);
    }
  }
  return sum;
}

/** Returns all contradictions between the parts of a run, as text; empty if there are none. */
export function disagreementsIn({ ledger, journal }: MatrixRun): string[] {
  const { sent, acknowledged, refused, unknownFate, groups, isExact, agreement } = ledger;
  const faults: string[] = [];
  const equal = (what: string, found: unknown, wanted: unknown) => {
    if (found !== wanted) faults.push(`${what}: ${String(found)}, not ${String(wanted)}`);
  };
  if (sent === 0) faults.push('nothing was sent');
  equal('exact', isExact, true);
  equal('refused', refused, 0);
  equal('of unknown fate', unknownFate, 0);
  equal('acknowledged', acknowledged, sent);
  equal('sent by the journal', journal.sent, sent);
  equal('acknowledged by the journal', journal.acknowledged, acknowledged);
  equal('intended by the journal', journal.intended, journal.sent + journal.dropped);
  equal('logs agree', agreement?.agrees, true);
  for (const group of groups) {
    equal(`${group.group} received`, group.received, acknowledged);
    equal(`${group.group} received by the journal`, journal.received.get(group.group), acknowledged);
    for (const fault of ['lost', 'unread', 'duplicated', 'rewritten', 'corrupted', 'foreign'] as const) {
      equal(`${group.group} ${fault}`, group[fault], 0);
    }
    equal(`${group.group} pending`, group.pending ?? 0, 0);
  }
  if (faults.length > 0)
    faults.push(...Array.from(journal.errors.values(), ({ count, message }) => `${count} times: ${message}`));
  return faults;
}

/** Runs mostly wait for their schedule; five at once delayed the probe of the host by 10 s on two cores. */
const atOnce = 3;

/** Starts the last ones first: searches and checked transactions take a minute and more. */
async function inTurns<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const waiting = [...items.entries()];
  const results: Result[] = [];
  const takeTurns = async () => {
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) results[next[0]] = await work(next[1]);
  };
  await Promise.all(Array.from({ length: atOnce }, takeTurns));
  return results;
}

/** A completed run, or the reason of its failure. */
export interface DrivenRun {
  name: string;
  run?: MatrixRun;
  failure?: string;
}

export const driveAll = (
  workloads: Readonly<Record<string, WorkloadWords>>,
  site: { folder: string; configPath: string },
): Promise<DrivenRun[]> =>
  inTurns(Object.entries(workloads), async ([name, workload]) => {
    try {
      return { name, run: await driveMatrixRun(name, workload, site) };
    } catch (cause) {
      return { name, failure: String(cause) };
    }
  });

export interface CheckedRun {
  name: string;
  /** The run; absent if it failed. */
  run?: MatrixRun;
  /** Differences as text; empty if all numbers are equal. */
  faults: string[];
}

/** Compares the bundle with the broker's own tools, run by run. */
export const checkRuns = (driven: readonly DrivenRun[], readOffsets: ReadOffsets): Promise<CheckedRun[]> =>
  inTurns(driven, async ({ name, run, failure = 'it did not go through' }) => {
    if (run === undefined) return { name, faults: [failure] };
    return { name, run, faults: [...disagreementsIn(run), ...(await disagreementsWithTools(run, readOffsets))] };
  });

export const faultsOf = (checked: readonly CheckedRun[]): string[] =>
  checked.flatMap(({ name, faults }) => faults.map((fault) => `${name}: ${fault}`));

async function disagreementsWithTools(
  { ledger: { acknowledged }, topics, groups: [group = ''], hasMarkers }: MatrixRun,
  readOffsets: ReadOffsets,
): Promise<string[]> {
  const sum = { end: 0, committed: 0 };
  try {
    for (const [index, topic] of topics.entries()) {
      const { end, committed } = await readOffsets(groupInTopic(group, index), topic);
      sum.end += end;
      sum.committed += committed;
    }
  } catch (cause) {
    return [`the broker's tool did not tell: ${String(cause)}`];
  }
  const isStored = hasMarkers ? sum.end > acknowledged : sum.end === acknowledged;
  // A member may leave before the last marker, so its commit may be lower than the log end.
  const isPassed = hasMarkers ? sum.committed >= acknowledged : sum.committed === acknowledged;
  return [
    ...(isStored ? [] : [`the broker's tool counts ${sum.end} messages, not ${acknowledged}`]),
    ...(isPassed ? [] : [`the broker's tool says ${group} has passed ${sum.committed}, not ${acknowledged}`]),
  ];
}
