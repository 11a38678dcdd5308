import { mkdirSync, mkdtempDisposableSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLogger } from '../../../../core/log.ts';
import type { AppError } from '../../../../core/errors.ts';
import { openHistory } from '../../../../service/history/sqlite-history.ts';
import { electLeader } from '../../../../service/leadership/elect-leader.ts';
import { fencedHistory } from '../../../../service/leadership/fenced-history.ts';
import { createSteppedClock, type SteppedClock } from '../../../support/stepped-clock.ts';

let folder: ReturnType<typeof mkdtempDisposableSync>;
let resources: AsyncDisposableStack;
beforeEach(() => {
  folder = mkdtempDisposableSync(join(tmpdir(), 'plimsoll-leader-'));
  resources = new AsyncDisposableStack();
});
afterEach(async () => {
  await resources.disposeAsync();
  folder.remove();
});

const plimsoll = { name: 'plimsoll', through: 'schedule' } as const;
const note = { kind: 'change', document: { what: 'annotated', after: 'x' } } as const;
const beatFile = () => join(folder.path, 'ledger.sqlite-leader');

/** One process with separate clock, connection and heartbeat. */
function instance(name: string) {
  const stepped = createSteppedClock();
  let isWaiting = false;
  const clock: SteppedClock = {
    ...stepped,
    async sleep(duration, io) {
      isWaiting = true;
      await stepped.sleep(duration, io).finally(() => (isWaiting = false));
    },
  };
  const history = resources.use(openHistory(join(folder.path, 'ledger.sqlite'), { clock, journal: 'delete' }));
  const election = electLeader({
    file: beatFile(),
    name,
    terms: history.terms(),
    revision: () => history.revision(),
    clock,
    log: createLogger('silent'),
  });
  const ending = new AbortController();
  const ended = election.run({ signal: ending.signal });
  const end = async () => {
    ending.abort();
    await ended;
  };
  resources.defer(end);
  return {
    end,
    term: election.term,
    append: () => fencedHistory(history, election, history.terms()).append(note, plimsoll),
    entries: () => history.entries({ limit: 10 }).length,
    /** Advances its clock by seconds; files are written in real time. */
    async pass(seconds: number) {
      for (let second = 0; second < seconds; second++) {
        await clock.advance(1);
        while (!isWaiting && !ending.signal.aborted) await delay(1);
      }
    },
    stall: (seconds: number) => clock.stall(seconds),
  };
}

async function pair() {
  const [first, second] = [instance('ops-1:18761'), instance('ops-2:18761')];
  await first.pass(1);
  await second.pass(3);
  const [leader, other] = first.term() === undefined ? [second, first] : [first, second];
  expect([leader.term(), other.term()]).toEqual([1, undefined]);
  return { leader, other };
}

test('when two instances start together one leads, and the other waits while the leader renews', async () => {
  const { leader, other } = await pair();
  for (let minute = 0; minute < 3; minute++) {
    await leader.pass(10);
    await other.pass(10);
  }
  expect([leader.term(), other.term()]).toEqual([1, undefined]);
});

test('a heartbeat unchanged for 15 s of the local clock means that the leader is dead', async () => {
  const { other } = await pair();
  await other.pass(13);
  expect(other.term()).toBeUndefined();
  await other.pass(6);
  expect(other.term()).toBe(2);
  expect(JSON.parse(readFileSync(beatFile(), 'utf8'))).toMatchObject({ term: 2 });
});

test('a leader that was suspended no longer leads when it resumes, and its writes are refused', async () => {
  const { leader, other } = await pair();
  leader.append();
  await other.pass(20);
  expect(other.term()).toBe(2);
  // The clock of the former leader is stopped, so only the history shows the new term.
  expect(leader.term()).toBe(1);
  expect(() => leader.append()).toThrow(expect.objectContaining({ code: 'leadership-lost' }) as AppError);
  await leader.stall(30);
  expect(leader.term()).toBeUndefined();
  expect(() => leader.append()).toThrow(expect.objectContaining({ code: 'leadership-lost' }) as AppError);
  other.append();
  expect(other.entries()).toBe(2);
  for (let turn = 0; turn < 10; turn++) {
    await leader.pass(2);
    await other.pass(2);
  }
  expect([leader.term(), other.term()]).toEqual([undefined, 2]);
});

test('a leader that cannot write its heartbeat steps down before another one can take over', async () => {
  const { leader, other } = await pair();
  rmSync(beatFile());
  mkdirSync(beatFile());
  await leader.pass(6);
  expect(leader.term()).toBe(1);
  await leader.pass(6);
  expect(leader.term()).toBeUndefined();
  await other.pass(30);
  expect(other.term()).toBeUndefined();
  rmSync(beatFile(), { recursive: true });
  await other.pass(18);
  expect(other.term()).toBe(2);
});

test('a leader that ends releases leadership at once, and waits after it returns', async () => {
  const { leader, other } = await pair();
  await leader.end();
  await other.pass(3);
  expect(other.term()).toBe(2);
  const again = instance('ops-1:18761');
  await other.pass(1);
  await again.pass(5);
  expect(again.term()).toBeUndefined();
});

test('a partly written or missing heartbeat does not free leadership', async () => {
  const { leader, other } = await pair();
  writeFileSync(beatFile(), '{"term":1,"isRel');
  await other.pass(5);
  rmSync(beatFile());
  await other.pass(5);
  expect(other.term()).toBeUndefined();
  await leader.pass(3);
  await other.pass(14);
  expect([leader.term(), other.term()]).toEqual([1, undefined]);
});
