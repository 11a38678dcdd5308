import { mkdtempDisposable, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Caller } from '../../../../app/caller.ts';
import { runChange, type ChangeRequest } from '../../../../app/change/run-change.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import { createLogger } from '../../../../core/log.ts';
import { seconds } from '../../../../core/units.ts';
import { systemClock } from '../../../../core/clock.ts';
import type { ChangeKind } from '../../../../ops/change/change-kind.ts';

const Facts = z.strictObject({ before: z.number(), to: z.number() });
type Facts = z.infer<typeof Facts>;

/** A setting that is raised while no broker answers the lease, and that a colleague sets while the operator confirms. */
async function raised({ text, colleague }: { text: (facts: Facts) => string; colleague: number }) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-run-change-'));
  const cluster = { queues: 4 };
  const kind: ChangeKind<Facts, undefined> = {
    name: 'queues',
    facts: Facts,
    steps: (facts) => [
      {
        id: 'set',
        by: 'plimsoll',
        description: text(facts),
        async run() {
          cluster.queues = facts.to;
          return { kind: 'done', evidence: [] };
        },
        undo: { description: `set ${facts.before} again` },
      },
    ],
  };
  const output = { write: () => undefined, isTerminal: false, columns: 100 };
  const io: Caller<ChangeRequest> = {
    async confirm() {
      cluster.queues = colleague;
    },
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: { execute: true, resume: false, abort: false, wait: seconds(0), 'state-dir': folder.path },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
    openLog: async () => createLogger('silent'),
  };
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const change = runChange(
    io,
    { name: 'orders', config },
    {
      kind,
      subject: 'payments',
      tools: undefined,
      folder: 'changes',
      plansFirst: true,
      typedWhenDown: 'orders',
      plan: async () => ({ subject: 'payments', facts: { before: cluster.queues, to: 16 }, findings: [], holds: [] }),
    },
  );
  return { change, cluster, journals: () => readdir(join(folder.path, 'changes')).catch(() => []), folder };
}

test('what the cluster had before is what it has under the lease, not what it had before the confirmation', async () => {
  const { change, cluster, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8 });
  await using _ = folder;
  expect(await change).toMatchObject({ status: 'done', facts: { before: 8, to: 16 } });
  expect(cluster.queues).toBe(16);
});

test('where other steps are needed by then, nothing is changed', async () => {
  const text = ({ before, to }: Facts) => `raise ${before} queues to ${to}`;
  const { change, cluster, journals, folder } = await raised({ text, colleague: 8 });
  await using _ = folder;
  await expect(change).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('the cluster was changed since the plan was shown'),
    hint: expect.stringContaining('run the command again'),
  });
  expect(cluster.queues).toBe(8);
  expect(await journals()).toEqual([]);
});
