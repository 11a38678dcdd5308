import { expect, test } from 'vitest';
import type { JournalLine } from '../../../../core/documents/run-bundle.ts';
import { recordedJournal } from '../../../support/recorded-journal.ts';
import { watchForFailure } from '../../../../loadgen/execute/failure-watch.ts';

const second = (at: number, counts: { sent: number; acknowledged: number; failed: number }): JournalLine => ({
  kind: 'produced',
  elapsedSeconds: at,
  intervalSeconds: 1,
  worker: 'producer-0',
  intended: 10,
  requests: 1,
  bytes: 0,
  latency: '',
  sendDelay: '',
  eventLoopUtilisation: 0,
  eventLoopDelayMaxSeconds: 0,
  cpuSeconds: 0,
  ...counts,
});
const fine = { sent: 10, acknowledged: 10, failed: 0 };
const failing = { sent: 10, acknowledged: 0, failed: 10 };
const silent = { sent: 10, acknowledged: 0, failed: 0 };
const idle = { sent: 0, acknowledged: 0, failed: 0 };
const error: Extract<JournalLine, { kind: 'error' }> = {
  kind: 'error',
  elapsedSeconds: 3,
  code: 'broker-unreachable',
  message: 'refused',
  count: 1,
};

/** @returns the second at which the run counts as failed, and why */
function verdictOf(...seconds: (typeof fine)[]): [number, string] | undefined {
  return verdictWithin(undefined, ...seconds);
}
function verdictWithin(outage: number | undefined, ...seconds: (typeof fine)[]): [number, string] | undefined {
  const watch = watchForFailure(outage);
  for (const [index, counts] of seconds.entries()) {
    const failure = watch.add(second(index + 1, counts));
    if (failure !== undefined) return [index + 1, failure.message];
    if (counts.failed > 0) watch.add(error);
  }
  return undefined;
}
const times = (count: number, counts: typeof fine) => Array.from({ length: count }, () => counts);

test('five seconds with only failures fail the run, with the reason', () => {
  expect(verdictOf(fine, ...times(9, failing))).toEqual([6, 'every send failed for 5 s: refused']);
});

test('reason and hint come from the most common send error, not from messages dropped as too late', () => {
  const watch = watchForFailure();
  const late = { ...error, code: 'too-late', message: 'the message could not be sent', count: 5000 };
  const denied = { ...error, code: 'broker-refused', message: 'needs WRITE', hint: 'grant WRITE', count: 20 };
  const rare = { ...error, message: 'no answer', hint: 'check host', count: 1 };
  const before = { ...error, code: 'broker-busy', message: 'busy', hint: 'lower the load', count: 9000 };
  watch.add(before);
  watch.add(second(1, fine));
  const failures = times(5, failing).map((counts, index) => {
    const failure = watch.add(second(index + 2, counts));
    for (const line of [late, denied, rare]) watch.add(line);
    return failure;
  });
  expect(failures.at(-1)).toMatchObject({ message: 'every send failed for 5 s: needs WRITE', hint: 'grant WRITE' });
});

test('one acknowledged batch starts the count again', () => {
  expect(verdictOf(...times(4, failing), fine, ...times(4, failing), fine)).toBeUndefined();
});

test('idle seconds after failures do not count as failures, as between two trials', () => {
  expect(verdictOf(...times(4, failing), ...times(20, idle), fine)).toBeUndefined();
  expect(verdictOf(failing, ...times(20, idle), failing, ...times(20, idle), fine)).toBeUndefined();
});

test('a broker that refuses every send fails the run, even with pauses between sends', () => {
  expect(verdictOf(...Array.from({ length: 9 }, () => [failing, idle, idle]).flat())).toEqual([
    13,
    'every send failed for 5 s: refused',
  ]);
});

test('a send that fails late was in flight during the seconds before', () => {
  const open = { sent: 1, acknowledged: 0, failed: 0 };
  const late = { sent: 0, acknowledged: 0, failed: 1 };
  expect(verdictOf(failing, open, idle, late, open, idle)?.[0]).toBe(5);
});

test('an idle worker does not hide one whose sends all fail', () => {
  const watch = watchForFailure();
  const verdicts = Array.from({ length: 6 }, (_, at) => [
    watch.add(second(at + 1, failing)),
    watch.add({ ...second(at + 1.5, idle), worker: 'producer-1' } as JournalLine),
  ]);
  expect(verdicts.flat().findIndex((verdict) => verdict !== undefined)).toBe(8);
});

test('unanswered sends fail the run after ten seconds', () => {
  expect(verdictOf(fine, ...times(12, silent))).toEqual([11, 'no broker answered a send for 10 s']);
});

test('a run that nobody answers names the brokers in its hint only, since one that stalls may block the others', () => {
  const watch = watchForFailure(undefined, 0, [{ id: 'broker-a:0', address: '10.0.0.1:10911' }]);
  const failures = [fine, ...times(12, silent)].map((counts, index) => watch.add(second(index + 1, counts)));
  const failure = failures.find((each) => each !== undefined);
  expect(failure?.message).toBe('no broker answered a send for 10 s');
  expect(failure?.hint).toBe('check that broker-a:0 (10.0.0.1:10911) run, and their load and logs');
});

test('an outage fails the run only if it lasts longer than the workload tolerates', () => {
  expect(verdictWithin(20, fine, ...times(19, failing), fine, ...times(19, silent), fine)).toBeUndefined();
  expect(verdictWithin(20, fine, ...times(30, failing))).toEqual([21, 'every send failed for 20 s: refused']);
  expect(verdictWithin(20, fine, ...times(30, silent))).toEqual([21, 'no broker answered a send for 20 s']);
});

test('seconds without sends do not count as unanswered', () => {
  expect(verdictOf(fine, ...times(30, idle))).toBeUndefined();
});

test('a run shorter than five seconds fails if no send was ever acknowledged', () => {
  const refused = watchForFailure();
  for (const line of [error, second(1, failing)]) refused.add(line);
  expect(refused.atEnd()?.message).toBe('every send failed: refused');
  refused.add(second(2, fine));
  expect(refused.atEnd()).toBeUndefined();
});

test('if responses may take long, the limit for unanswered sends grows accordingly', () => {
  const [usual, patient] = [watchForFailure(), watchForFailure(undefined, 90)];
  const told = Array.from({ length: 60 }, (_, index) => {
    const line = second(index + 1, silent);
    return { usual: usual.add(line), patient: patient.add(line) };
  });
  expect(told.some((each) => each.usual !== undefined)).toBe(true);
  expect(told.every((each) => each.patient === undefined)).toBe(true);
});

test('messages in flight on a lost worker do not fail the run once nothing more is sent', async () => {
  const watch = watchForFailure();
  const journal = await recordedJournal('worker-lost');
  const quiet = times(15, idle).map((counts, index) => ({
    ...second(13 + index, counts),
    worker: 'producer-1',
  }));
  const verdicts = [...journal, ...quiet].map((line) => watch.add(line));
  expect(verdicts.filter((verdict) => verdict !== undefined)).toEqual([]);
});
