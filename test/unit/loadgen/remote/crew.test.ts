import { expect, test } from 'vitest';
import { createCrew } from '../../../../loadgen/remote/crew.ts';
import type { Assignment } from '../../../../loadgen/execute/workers/thread-messages.ts';
import type { StartThread, ThreadListener, TrafficThread } from '../../../../loadgen/execute/workers/traffic-thread.ts';

const listener: ThreadListener = { onLines: () => {}, onDriven: () => {} };
const producer = (worker: number) => ({ role: 'producer', worker, workers: 4 }) as unknown as Assignment;
const consumer = { role: 'consumer', worker: 'consumer-1' } as unknown as Assignment;

function crewOf(consumers: 'coordinator' | 'workers') {
  const started: string[] = [];
  const starting =
    (name: string): StartThread =>
    (assignment) => {
      started.push(`${name} ${assignment.role}`);
      return {} as TrafficThread;
    };
  const members = [
    { worker: { startThread: starting('east') }, threads: 2, weight: 3 },
    { worker: { startThread: starting('west') }, threads: 1, weight: 1 },
  ];
  return { started, ...createCrew(members, consumers, starting('here')) };
}

test('each worker has its threads, and each thread has the weight of its worker', () => {
  const { started, shares, startThread } = crewOf('coordinator');
  for (const worker of [0, 1, 2]) startThread(producer(worker), listener);
  expect(started).toEqual(['east producer', 'east producer', 'west producer']);
  expect(shares).toEqual([3, 3, 1]);
});

test('consumers run with the coordinator, or on the workers in turn', () => {
  const here = crewOf('coordinator');
  here.startThread(consumer, listener);
  expect(here.started).toEqual(['here consumer']);
  const there = crewOf('workers');
  for (let i = 0; i < 3; i++) there.startThread(consumer, listener);
  expect(there.started).toEqual(['east consumer', 'west consumer', 'east consumer']);
});

test('a run with more producers than threads is an error', () => {
  expect(() => crewOf('coordinator').startThread(producer(3), listener)).toThrow(/4 producers.*threads for 3/);
});
