// Checks that only the slow part of a reading is late, and that the next reading shows it.

import { expect, test } from 'vitest';
import { createLatePart } from '../../../../hosts/linux/probe.ts';
import { createSteppedClock } from '../../../support/stepped-clock.ts';

const io = { signal: new AbortController().signal };

function slowPart() {
  const clock = createSteppedClock();
  const readings: PromiseWithResolvers<string>[] = [];
  const signals: AbortSignal[] = [];
  const part = createLatePart<string>(({ signal }) => {
    const reading = Promise.withResolvers<string>();
    readings.push(reading);
    signals.push(signal);
    return reading.promise;
  }, clock);
  const reading = () => {
    part.begin();
    return part.take(io);
  };
  return { part, clock, readings, signals, reading };
}

const absent = (reason: RegExp) => ({ kind: 'absent', reason: expect.stringMatching(reason) });

test('returns a value that arrives in time', async () => {
  const { readings, reading } = slowPart();
  const told = reading();
  readings[0]?.resolve('now');
  expect(await told).toEqual({ kind: 'read', value: 'now' });
});

test('a late value is absent with its reason, and returned once in the next reading without a newer one', async () => {
  const { clock, readings, reading } = slowPart();
  const first = reading();
  await clock.advance(2);
  expect(await first).toEqual(absent(/2 s longer than the rest/));
  readings[0]?.resolve('late');
  await clock.advance(13);
  const second = reading();
  await clock.advance(2);
  expect(await second).toEqual({ kind: 'read', value: 'late' });
  await clock.advance(13);
  const third = reading();
  await clock.advance(2);
  expect(await third).toEqual(absent(/longer/));
  expect(readings).toHaveLength(2);
});

test('does not return a value that arrived more than a minute ago', async () => {
  const { clock, readings, reading } = slowPart();
  const first = reading();
  await clock.advance(2);
  await first;
  readings[0]?.resolve('old');
  await clock.advance(61);
  const second = reading();
  await clock.advance(2);
  expect(await second).toEqual(absent(/longer/));
});

test('a failed reading reports its reason, and the next one starts again', async () => {
  const { readings, reading } = slowPart();
  const first = reading();
  readings[0]?.reject(new Error('no such thing'));
  expect(await first).toEqual(absent(/no such thing/));
  const second = reading();
  readings[1]?.resolve('there');
  expect(await second).toEqual({ kind: 'read', value: 'there' });
});

test('cancels a reading that never ends, so that another can start', async () => {
  const { clock, readings, signals, reading } = slowPart();
  const first = reading();
  await clock.advance(30);
  await first;
  expect(signals[0]?.aborted).toBe(true);
  const second = reading();
  readings[1]?.resolve('again');
  expect(await second).toEqual({ kind: 'read', value: 'again' });
});

test('a deadline of the reader ends only its wait, not the reading', async () => {
  const { part, readings, signals, reading } = slowPart();
  part.begin();
  expect(await part.take({ signal: AbortSignal.abort() })).toEqual(absent(/longer/));
  expect(signals[0]?.aborted).toBe(false);
  const second = reading();
  readings[0]?.resolve('late');
  expect(await second).toEqual({ kind: 'read', value: 'late' });
});

test('closing cancels the pending reading', async () => {
  const { part, signals } = slowPart();
  part.begin();
  await part[Symbol.asyncDispose]();
  expect(signals[0]?.aborted).toBe(true);
});
