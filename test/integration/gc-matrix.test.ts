// Checks that every GC log of every JVM is parsed completely: its pauses equal those printed, and those the JVM itself counted.

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Moment, Pause } from '../../gc/log/gc-event.ts';
import { readCommit, updateEvidencePage } from '../support/evidence-page.ts';
import {
  combinations,
  textLoggings,
  unifiedLoggings,
  type Combination,
  type Logging,
} from '../support/gc-matrix/combinations.ts';
import { compileGcProgram, readRotated, runGcProgram, sum, type JvmWord } from '../support/gc-matrix/gc-program.ts';
import { renderGcMatrix, type MatrixRow } from '../support/gc-matrix/page.ts';
import { machineJvm, obtainJvm, otherMajors, type Jvm, type JvmAnswer, type OtherMajor } from '../support/jvms/jvms.ts';
import { fullMatrix, requires } from '../support/prerequisites.ts';
import { eventsOf, ofKind } from '../support/read-gc-log.ts';
import { printedPauses } from '../truth/printed-pauses.ts';

/** The machine's own JVM needs no download. */
const others: readonly OtherMajor[] = fullMatrix ? otherMajors : [];
/** Brokers use G1. */
const isQuick = (collector: string) => collector === 'G1';
/** On a busy machine, some runs lose a core during most pauses. */
const mostRepeats = 4;

requires('java', 'maven', 'pip').describe('the GC logs of', () => {
  const folder = mkdtempSync(join(tmpdir(), 'plimsoll-test-gc-'));
  const rows: MatrixRow[] = [];
  /** JVMs that failed or are unavailable. */
  const absent = new Set<string>();
  let classes: string;

  beforeAll(async () => {
    classes = await compileGcProgram(folder);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    if (fullMatrix) await keepPage(rows, [...absent]);
  });

  const machine = machineJvm();
  check(`the machine's Java ${machine.major}`, machine.major, async () => ({ kind: 'ok', jvm: machine }));
  for (const major of others) check(`Java ${major}`, major, () => obtainJvm(major));

  function check(name: string, major: number, obtain: () => Promise<JvmAnswer>): void {
    for (const combination of combinations.filter(({ majors }) => majors.includes(major))) {
      if (!fullMatrix && !isQuick(combination.collector)) continue;
      const title = `${name}, ${combination.collector}`;
      absent.add(title);
      test(title, async ({ skip }) => {
        const answer = await obtain();
        if (answer.kind === 'missing') {
          if (process.env['CI'] === 'true') throw new Error(answer.reason);
          return skip(answer.reason);
        }
        rows.push(...(await judge(answer.jvm, combination)));
        absent.delete(title);
      });
    }
  }

  async function judge(jvm: Jvm, combination: Combination): Promise<MatrixRow[]> {
    const judged: MatrixRow[] = [];
    for (const loggings of runsOf(jvm)) {
      // Writing many logs lengthens the pauses, so time is compared only if the JVM writes one log.
      const isAlone = loggings.length === 1;
      const agrees = (row: MatrixRow) => countsAgree(row) && (!isAlone || secondsAgree(row));
      let attempt = await judgeRun(jvm, combination, loggings);
      // The JVM may collect between two beans reads, and lose its core between two clock reads.
      for (let again = 0; !attempt.every(agrees) && again < mostRepeats; again++) {
        attempt = await judgeRun(jvm, combination, loggings);
      }
      expect(attempt.filter((row) => !agrees(row))).toEqual([]);
      judged.push(...attempt);
    }
    return judged;
  }

  async function judgeRun(jvm: Jvm, combination: Combination, loggings: readonly Logging[]): Promise<MatrixRow[]> {
    const logs = mkdtempSync(join(folder, 'logs-'));
    const fileOf = (index: number) => join(logs, `${index}.log`);
    const options = loggings.flatMap((logging, index) => logging.options(fileOf(index)));
    const word = await runGcProgram(jvm, [...combination.flags, ...options], { classes, folder });
    const read = await Promise.all(
      loggings.map(async (logging, index) => readPauses(await readRotated(fileOf(index)), logging)),
    );
    rmSync(logs, { recursive: true });
    // All logs of a run have the same pauses, but some lack timestamps to identify those before the recording.
    const stamped = read.find(({ pauses, logging }) => !logging.isPartial && isStamped(pauses));
    const before = stamped?.pauses.filter(({ start }) => isBefore(start, word.rest)).length ?? 0;
    return read.map((log) => judgeLog(log, { jvm, combination, word, before }));
  }
});

/** Java 8 writes one log per run; later versions any number. */
function runsOf({ major }: Jvm): Logging[][] {
  if (major === 8) return textLoggings.map((logging) => [logging]);
  const alone = unifiedLoggings.filter(({ name }) => name === 'kafka-run-class.sh');
  return [alone, unifiedLoggings.filter((logging) => !alone.includes(logging))];
}

const countsAgree = ({ own }: MatrixRow) => own === undefined || own.count.logged === own.count.told;

/** Accepts 3 %, plus the rounding error. */
const secondsAgree = ({ own }: MatrixRow) =>
  own === undefined || Math.abs(own.seconds.logged - own.seconds.told) <= 0.03 * own.seconds.told + own.resolution;

const isStamped = ([first]: readonly Pause[]) =>
  first?.start.uptimeSeconds !== undefined || first?.start.epochMs !== undefined;

const isBefore = ({ uptimeSeconds, epochMs = NaN }: Moment, rest: JvmWord['rest']) =>
  uptimeSeconds === undefined ? epochMs < rest.epochMs : uptimeSeconds < rest.uptimeSeconds;

interface ReadLog {
  logging: Logging;
  text: string;
  pauses: readonly Pause[];
  unparsed: readonly string[];
}

function readPauses(bytes: Buffer, logging: Logging): ReadLog {
  const read = eventsOf(bytes);
  return { logging, text: bytes.toString('latin1'), pauses: ofKind(read, 'pause'), unparsed: read.unparsed };
}

interface Run {
  jvm: Jvm;
  combination: Combination;
  word: JvmWord;
  /** Number of pauses before the recording started. */
  before: number;
}

function judgeLog({ logging, text, pauses, unparsed }: ReadLog, { jvm, combination, word, before }: Run): MatrixRow {
  const printed = printedPauses(text);
  const where = `${jvm.version} ${combination.collector}, ${logging.name}`;
  expect(unparsed, `lines of ${where}`).toEqual([]);
  expect(pauses.map(({ durationSeconds }) => durationSeconds.toFixed(9)).toSorted(), `pauses of ${where}`).toEqual(
    printed.map(({ seconds }) => seconds.toFixed(9)).toSorted(),
  );
  const row = {
    jvm: jvm.version,
    collector: combination.collector,
    logging: logging.name,
    pauses: { parsed: pauses.length, printed: printed.length },
    seconds: {
      parsed: sum(pauses.map(({ durationSeconds }) => durationSeconds)),
      printed: sum(printed.map(({ seconds }) => seconds)),
    },
    unparsed: unparsed.length,
  };
  if (logging.isPartial) return row;

  const outer = printed.filter(({ isInner }) => !isInner);
  // Nested pauses are part of the enclosing pause's time.
  expect(sum(pauses.map(({ ownSeconds }) => ownSeconds)), `time of ${where}`).toBeCloseTo(
    sum(outer.map(({ seconds }) => seconds)),
    6,
  );
  return { ...row, own: heldAgainst(word, combination, { major: jvm.major, pauses, outer: outer.length, before }) };
}

function heldAgainst(
  { beans, recording }: JvmWord,
  { count, total }: Combination,
  { major, pauses, outer, before }: { major: number; pauses: readonly Pause[]; outer: number; before: number },
) {
  const own = (of: readonly Pause[]) => sum(of.map(({ ownSeconds }) => ownSeconds));
  return {
    count:
      count(major) === 'beans'
        ? { logged: pauses.length, told: beans.count }
        : { logged: outer - before, told: recording.count },
    seconds:
      total === 'beans'
        ? { logged: own(pauses), told: beans.seconds }
        : { logged: own(pauses.slice(before)), told: recording.seconds },
    // Beans count in milliseconds; a log prints microseconds and rounds each pause.
    resolution: total === 'beans' ? beans.resolution : pauses.length * 1e-6,
  };
}

async function keepPage(rows: readonly MatrixRow[], absent: readonly string[]): Promise<void> {
  const command = 'npm run test:full';
  const commit = await readCommit();
  const at = new Date();
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} cores`;
  const missing =
    absent.length === 0 ? '' : ` Missing, because the test failed or the JVM is not available: ${absent.join('; ')}.`;
  const made = `Made by \`${command}\` at ${commit} on ${at.toISOString()} (${machine}); not edited by hand.${missing}`;
  const outcome = `${rows.length} logs of ${new Set(rows.map(({ jvm }) => jvm)).size} JVMs, ${sum(rows.map(({ pauses }) => pauses.parsed))} pauses, ${sum(rows.map(({ unparsed }) => unparsed))} unparsed lines.${missing}`;
  await mkdir('evidence/gc-matrix', { recursive: true });
  await writeFile('evidence/gc-matrix/logs.ndjson', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  await updateEvidencePage('docs/evidence/gc-matrix.md', {
    tables: renderGcMatrix(rows, made),
    attempt: { command, commit, at, outcome },
  });
}
