import { mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Caller } from '../../../../../app/caller.ts';
import { runMove } from '../../../../../app/change/offsets/run-move.ts';
import type { OffsetTarget } from '../../../../../brokers/group-offsets.ts';
import { RocketmqClusterConfig } from '../../../../../brokers/rocketmq/config.ts';
import { moveText } from '../../../../../cli/offsets/run-move.ts';
import { seconds, systemClock } from '../../../../../core/clock.ts';
import { AppError } from '../../../../../core/errors.ts';
import { createLogger } from '../../../../../core/log.ts';
import { parseJournal } from '../../../../../ops/change/journal.ts';
import { MoveFacts } from '../../../../../ops/offsets/move-facts.ts';
import { planMove } from '../../../../../ops/offsets/plan-move.ts';
import { momentOf, type ResetTarget } from '../../../../../ops/offsets/reset-target.ts';
import { fakeGroupOffsets, type FakeGroupOffsets } from '../../../../support/fake-group-offsets.ts';
import { startFakeCluster } from '../../../../support/fake-name-server.ts';

async function opened() {
  await using made = new AsyncDisposableStack();
  const cluster = made.use(await startFakeCluster('prod'));
  const folder = made.use(await mkdtempDisposable(join(tmpdir(), 'plimsoll-run-move-')));
  const offsets = fakeGroupOffsets();
  const output = { write: () => undefined, isTerminal: false, columns: 100 };
  const io: Caller = {
    confirm: async () => undefined,
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: {
      execute: true,
      namesrv: cluster.namesrv,
      'state-dir': folder.path,
      config: join(folder.path, 'none.yaml'),
    },
    stdout: output,
    stderr: output,
    signal: AbortSignal.timeout(20_000),
    environment: {},
    // The lease waits 4 s for other writers.
    clock: { ...systemClock, sleep: (duration, within) => systemClock.sleep(seconds(duration / 100), within) },
    openLog: async () => createLogger('silent'),
  };
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: [cluster.namesrv] });
  const group = { cluster: 'lab', broker: 'rocketmq' as const, named: { name: 'lab', config }, offsets };
  const wanted = { topic: 'orders', partitions: [0, 1] };
  const rest = made.move();
  return {
    io,
    offsets,
    folder: join(folder.path, 'changes'),
    /** Continues the move in the journal. */
    end: (action: 'resume' | 'abort') =>
      runMove(
        { ...io, options: { ...io.options, execute: false, [action]: true } },
        group,
        { group: 'billing', plan: async () => [] },
        () => undefined,
      ),
    run(aim: ResetTarget) {
      const moment = momentOf(aim);
      const plan = async () => [await planMove(offsets, { group: 'billing', wanted, aim }, io)];
      const move = { group: 'billing', plan, ...(moment && { moment }) };
      return runMove(io, group, move, () => undefined);
    },
    journals: () => readdir(join(folder.path, 'changes')).catch(() => []),
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

/** A move whose operator takes some time to confirm it. */
async function confirmedLater(aim: ResetTarget, meanwhile: (offsets: FakeGroupOffsets) => void) {
  await using desk = await opened();
  const { io, offsets } = desk;
  io.confirm = async () => meanwhile(offsets);
  const moved: OffsetTarget[] = [];
  offsets.onMove = (target) => void moved.push(target);
  const ended = await desk.run(aim).then(
    ({ status }) => status,
    (fault: unknown) => fault,
  );
  return { ended, moved: moved.map(({ offset }) => offset), journals: await desk.journals() };
}

test('does not move a group that others moved before the confirmation', async () => {
  const { ended, moved, journals } = await confirmedLater({ kind: 'offset', offset: 20n }, (offsets) => {
    offsets.committed = [90n, 60n, 70n];
  });
  expect(ended).toMatchObject({ code: 'change-refused', message: expect.stringContaining('orders 0 was at 50') });
  expect([moved, journals]).toEqual([[], []]);
});

test('the journal of a move has the findings of its plan', async () => {
  await using desk = await opened();
  const { findings } = await desk.run({ kind: 'offset', offset: 20n });
  const codes = findings.map(({ code }) => code);
  expect(codes).toContain('group-stopped');
  const [name = ''] = await desk.journals();
  const { checks } = parseJournal(JSON.parse(await readFile(join(desk.folder, name), 'utf8')), MoveFacts, name);
  expect(checks.before?.findings.map(({ code }) => code)).toEqual(codes);
});

test('--latest means the end at the time of the move', async () => {
  const { ended, moved } = await confirmedLater({ kind: 'latest' }, (offsets) => {
    const { positions } = offsets;
    offsets.positions = async (...of) => (await positions(...of))?.map((each) => ({ ...each, end: 140n }));
  });
  expect([ended, moved]).toEqual(['done', [140n, 140n]]);
});

test.each([
  { by: 100_000n, target: 100n },
  { by: -100_000n, target: 30n },
])('a shift by $by on a live topic moves the group to $target', async ({ by, target }) => {
  const { ended, moved } = await confirmedLater({ kind: 'shift', by }, (offsets) => {
    const { positions } = offsets;
    offsets.positions = async (...of) => (await positions(...of))?.map((each) => ({ ...each, start: 30n, end: 140n }));
  });
  expect([ended, moved]).toEqual(['done', [target, target]]);
});

test('a move that is refused completely leaves nothing to continue', async () => {
  const { ended, moved, journals } = await confirmedLater({ kind: 'offset', offset: 20n }, (offsets) => {
    // Planned as stopped, but started before the move.
    const { presence } = offsets;
    let looks = 0;
    const running = { kind: 'running', members: [], moves: 'not' } as const;
    offsets.presence = async (...of) => (++looks > 1 ? running : await presence(...of));
  });
  expect(ended).toMatchObject({ code: 'change-refused' });
  expect([moved, journals]).toEqual([[], [expect.stringMatching(/\.over$/)]]);
});

test.each([
  { action: 'resume', status: 'done' },
  { action: 'abort', status: 'rolled-back' },
] as const)('--$action ends a move that stopped midway after its topic was deleted', async ({ action, status }) => {
  await using desk = await opened();
  const { offsets } = desk;
  offsets.onMove = ({ partition }) => {
    if (partition === 1) throw new AppError('broker-unreachable', 'gone');
  };
  await expect(desk.run({ kind: 'offset', offset: 20n })).rejects.toMatchObject({ code: 'offsets-not-moved' });
  offsets.positions = async () => undefined;
  const ended = await desk.end(action);
  expect(ended.status).toBe(status);
  expect(ended.plans[0]?.positions.map(({ outcome }) => outcome)).toEqual(
    [0, 1].map(() => ({ kind: 'stay', reason: 'it was deleted meanwhile' })),
  );
  expect(await desk.journals()).toEqual([expect.stringMatching(/\.over$/)]);
});

test.each(['resume', 'abort'] as const)('--%s does not repeat the findings of the interrupted move', async (action) => {
  await using desk = await opened();
  const { offsets } = desk;
  offsets.onMove = ({ partition }) => {
    if (partition === 1) throw new AppError('broker-unreachable', 'gone');
  };
  // Not stored any more: the nearest stored offset is used.
  await expect(desk.run({ kind: 'offset', offset: 2n })).rejects.toMatchObject({ code: 'offsets-not-moved' });
  offsets.onMove = () => undefined;
  const { findings } = await desk.end(action);
  expect(findings.map(({ code }) => code)).not.toContain('target-cut');
});

test('the shown command that undoes a move can be pasted, whatever the group name', () => {
  const shown = moveText(
    { cluster: 'lab', group: 'pay; $(reboot)', plans: [], findings: [], status: 'planned' },
    { colours: false },
  );
  expect(shown).toContain("undo: plimsoll ops offsets restore --group 'pay; $(reboot)' --from BACKUP --execute\n");
});
