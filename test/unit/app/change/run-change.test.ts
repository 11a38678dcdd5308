import { mkdtempDisposable, readdir, readFile, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Caller } from '../../../../app/caller.ts';
import { runChange, type ChangeRequest, type RequestedChange } from '../../../../app/change/run-change.ts';
import { RocketmqClusterConfig } from '../../../../brokers/rocketmq/config.ts';
import type { Finding } from '../../../../core/documents/analysis.ts';
import { AppError } from '../../../../core/errors.ts';
import { createLogger } from '../../../../core/log.ts';
import { seconds, systemClock } from '../../../../core/clock.ts';
import { unreadFindings } from '../../../../ops/kafka/topics/delete-records.ts';
import { finding, type ChangeKind } from '../../../../ops/change/change-kind.ts';
import { beginJournal, newJournal } from '../../../../ops/change/journal.ts';

const Facts = z.strictObject({ before: z.number(), to: z.number() });
type Facts = z.infer<typeof Facts>;

interface Raised {
  text: (facts: Facts) => string;
  /** The value that a colleague sets before the operator confirms. */
  colleague: number;
  findings?: () => Finding[];
  /** The error that the step throws. */
  fault?: AppError;
  /** True to write the plan for approval without executing it. */
  isPlan?: boolean;
  /** Nothing is to be changed. */
  isSet?: boolean;
  /** Unfinished changes, as folder and cluster. */
  others?: readonly (readonly [folder: 'kafka-changes' | 'rocketmq-changes', cluster: string, state?: 'cut off'])[];
}

/** A setting that is raised while no broker answers the lease. */
async function raised({
  text,
  colleague,
  findings = () => [],
  fault,
  isPlan = false,
  isSet = false,
  others = [],
}: Raised) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'plimsoll-run-change-'));
  for (const [of, cluster, state] of others) {
    const journal = newJournal({ cluster, change: 'reassign', subject: '2 topics', facts: {} }, new Date());
    const path = join(folder.path, of, 'a.json');
    await beginJournal(path, journal);
    if (state === 'cut off') await truncate(path, 40);
  }
  const cluster = { queues: 4 };
  let isFaulty = true;
  const kind: ChangeKind<Facts, undefined> = {
    name: 'queues',
    facts: Facts,
    steps: (facts) =>
      isSet
        ? []
        : [
            {
              id: 'set',
              by: 'plimsoll',
              description: text(facts),
              zh: '设置',
              async run() {
                if (fault !== undefined && isFaulty) throw fault;
                cluster.queues = facts.to;
                return { kind: 'done', evidence: [] };
              },
              undo: { description: `set ${facts.before} again`, zh: '恢复' },
            },
          ],
  };
  const written: string[] = [];
  const seen: (string | Facts | undefined)[] = [];
  const output = { write: (line: string) => void written.push(line), isTerminal: false, columns: 100 };
  const io: Caller<ChangeRequest> = {
    async confirm() {
      seen.push(written.splice(0).join(''));
      cluster.queues = colleague;
    },
    confirmDeletion: () => Promise.reject(new Error('nothing is deleted')),
    options: {
      execute: !isPlan,
      resume: false,
      abort: false,
      wait: seconds(0),
      'state-dir': folder.path,
      ...(isPlan && { 'write-plan': join(folder.path, 'plan.json') }),
    },
    stdout: output,
    stderr: output,
    signal: new AbortController().signal,
    environment: {},
    clock: systemClock,
    openLog: async () => createLogger('silent'),
  };
  const config = RocketmqClusterConfig.parse({ broker: 'rocketmq', namesrv: ['127.0.0.1:1'] });
  const requested: RequestedChange<Facts, undefined> = {
    kind,
    subject: 'payments',
    tools: undefined,
    folder: 'changes',
    plansFirst: true,
    typedWhenDown: 'orders',
    async plan(_, shown) {
      seen.push(shown);
      const facts = { before: cluster.queues, to: 16 };
      return { subject: 'payments', facts, findings: findings(), holds: [] };
    },
  };
  const change = runChange(io, { name: 'orders', config }, requested);
  type Resumed = { isFaulty?: boolean; amend?: (facts: Facts) => Facts };
  const resume = (found: readonly Finding[], { isFaulty: fails = false, amend = (facts) => facts }: Resumed = {}) => {
    isFaulty = fails;
    const resuming = { ...io, options: { ...io.options, execute: false, resume: true } };
    return runChange(resuming, { name: 'orders', config }, { ...requested, amend, recheck: async () => found });
  };
  /** The same command again. */
  const again = (plan: typeof requested.plan) => runChange(io, { name: 'orders', config }, { ...requested, plan });
  const journals = () => readdir(join(folder.path, 'changes')).catch(() => []);
  return { change, again, resume, cluster, written, seen, journals, folder };
}

test('records the former value read under the lease, not the one read before the confirmation', async () => {
  const { change, cluster, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8 });
  await using _ = folder;
  expect(await change).toMatchObject({ status: 'done', facts: { before: 8, to: 16 } });
  expect(cluster.queues).toBe(16);
});

test('writes the plan of a change that may start a stopped cluster for approval', async () => {
  const { change, cluster, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8, isPlan: true });
  await using _ = folder;
  expect(await change).toMatchObject({ status: 'planned' });
  expect(JSON.parse(await readFile(join(folder.path, 'plan.json'), 'utf8'))).toMatchObject({
    clusterId: 'orders',
    change: 'queues',
    subject: 'payments',
    steps: ['set 16 (undo: set 4 again)'],
    stepsZh: ['设置（回滚：恢复）'],
  });
  expect(cluster.queues).toBe(4);
});

test('changes nothing if other steps are needed by the time of the lease', async () => {
  const text = ({ before, to }: Facts) => `raise ${before} queues to ${to}`;
  const { change, cluster, journals, written, folder } = await raised({ text, colleague: 8 });
  await using _ = folder;
  await expect(change).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('was changed since the plan was shown'),
    hint: expect.stringContaining('run the command again'),
  });
  expect(written.join('')).toContain('needed now: raise 8 queues to 16\n');
  expect(cluster.queues).toBe(8);
  expect(await journals()).toEqual([]);
});

test('shows steps and findings before the confirmation, and additional findings of the second plan after it', async () => {
  let plans = 0;
  const findings = () => {
    plans += 1;
    const found = [finding('warning', 'late', 'orders has delayed messages')];
    return plans === 1 ? found : [...found, finding('warning', 'online', 'group billing is online')];
  };
  const { change, seen, written, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8, findings });
  await using _ = folder;
  const { findings: shown } = await change;
  expect(seen).toEqual([
    undefined,
    expect.stringContaining(
      'plan of queues of payments on cluster orders:\n  set 16\n  warning: orders has delayed messages\n',
    ),
    // These are the facts of the plan that was shown.
    { before: 4, to: 16 },
  ]);
  expect(written.join('')).toContain('since the plan was shown: warning: group billing is online\n');
  expect(written.join('')).not.toContain('orders has delayed messages');
  expect(shown.map(({ code }) => code)).toEqual(['late', 'online']);
});

test('no control characters of a client id reach the terminal, before or after the confirmation', async () => {
  const client = 'app-7\r\u001b[2K';
  const findings = () => [finding('warning', 'online', `group billing is online: ${client}`)];
  const text = ({ to }: Facts) => `set ${to} for ${client}`;
  const { change, seen, written, folder } = await raised({ text, colleague: 4, findings });
  await using _ = folder;
  await change;
  expect(seen).toContainEqual(
    expect.stringContaining('\n  set 16 for app-7··[2K\n  warning: group billing is online: app-7··[2K\n'),
  );
  expect(written.join('')).toContain('set 16 for app-7··[2K\n');
  expect(written.join('')).not.toMatch(/[^\P{Cc}\n]/u);
});

test('shows a finding with a live figure again only if it is more severe or appears more often', async () => {
  let plans = 0;
  const findings = () => {
    plans += 1;
    return [
      finding('warning', 'unread', `unread messages of billing: ${plans}`),
      finding(plans === 1 ? 'info' : 'warning', 'late', `delayed messages: ${plans}`),
      finding('warning', 'online', 'group billing is online'),
      ...(plans === 1 ? [] : [finding('warning', 'online', 'group shipping is online')]),
    ];
  };
  const { change, written, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8, findings });
  await using _ = folder;
  await change;
  const since = written.join('').matchAll(/since the plan was shown: (.*)/g);
  expect(Array.from(since, ([, text]) => text)).toEqual([
    'warning: delayed messages: 2',
    'warning: group shipping is online',
  ]);
});

test.each([
  { code: 'change-refused', isOver: true },
  { code: 'broker-refused', isOver: false },
] as const)('a first step that fails with $code ends the change: $isOver', async ({ code, isOver }) => {
  const fault = new AppError(code, 'group billing has members now');
  const { change, journals, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 4, fault });
  await using _ = folder;
  await expect(change).rejects.toMatchObject({ code });
  expect(await journals()).toEqual([expect.stringMatching(isOver ? /\.over$/ : /\.json$/)]);
});

test('a change that has nothing to change needs no confirmation, lease or approval, and begins nothing', async () => {
  const { change, seen, journals, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 8, isSet: true });
  await using _ = folder;
  expect(await change).toMatchObject({ status: 'done', steps: [] });
  expect([seen, await journals()]).toEqual([[undefined], []]);
});

test('--execute of an interrupted change names the commands that end it, even if no plan can be made any more', async () => {
  const fault = new AppError('broker-refused', 'no leader');
  const { change, again, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 4, fault });
  await using _ = folder;
  await expect(change).rejects.toMatchObject({ code: 'broker-refused' });
  await expect(again(() => Promise.reject(new AppError('not-found', 'payments is deleted')))).rejects.toMatchObject({
    code: 'change-under-way',
    hint: expect.stringContaining('--resume continues'),
  });
});

test('a refused decision on a resumed change leaves its journal as it was', async () => {
  const fault = new AppError('broker-refused', 'no leader');
  const { change, resume, journals, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 4, fault });
  await using _ = folder;
  await expect(change).rejects.toThrow('no leader');
  const [name = ''] = await journals();
  const written = () => readFile(join(folder.path, 'changes', name), 'utf8');
  const before = await written();
  const amend = () => {
    throw new AppError('approval-refused', 'not approved');
  };
  await expect(resume([], { amend })).rejects.toThrow('not approved');
  expect(await written()).toBe(before);
});

test('a plan reports every unfinished change of the cluster, whatever its kind', async () => {
  const others = [
    ['kafka-changes', 'orders'],
    ['rocketmq-changes', 'billing'],
  ] as const;
  const { change, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 4, isPlan: true, others });
  await using _ = folder;
  const { findings } = await change;
  expect(findings.map(({ code, message }) => [code, message])).toEqual([
    ['other-change', 'under way on the same cluster: reassign of 2 topics'],
  ]);
});

test('a change starts although the journal of another one cannot be read, and reports that', async () => {
  const others = [['rocketmq-changes', 'orders', 'cut off']] as const;
  const { change, folder } = await raised({ text: ({ to }) => `set ${to}`, colleague: 4, others });
  await using _ = folder;
  const message = expect.stringContaining('unknown whether another change is under way');
  expect(await change).toMatchObject({ status: 'done', findings: [{ severity: 'warning', message }] });
});

const unreadBy = (groups: readonly string[], messages: bigint, isAccepted: boolean) =>
  unreadFindings(
    groups.map((group) => ({ group, topic: 'payments', messages })),
    undefined,
    isAccepted,
  );
const interrupted = {
  text: ({ to }: Facts) => `set ${to}`,
  colleague: 4,
  fault: new AppError('broker-refused', 'no leader'),
};

test('an interrupted change continues only if the checks of its plan still pass', async () => {
  const { change, resume, cluster, journals, written, folder } = await raised(interrupted);
  await using _ = folder;
  await expect(change).rejects.toMatchObject({ code: 'broker-refused' });
  await expect(resume(unreadBy(['billing'], 20n, false))).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringContaining('queues of payments was not continued: group billing has not read 20'),
    hint: expect.stringContaining('--resume continues from the current step'),
  });
  expect([cluster.queues, await journals()]).toEqual([4, [expect.stringMatching(/\.json$/)]]);
  await resume(unreadBy(['billing'], 20n, true));
  expect(cluster.queues).toBe(16);
  expect(written.join('')).toContain('  warning: group billing has not read 20 of them\n');
});

test('findings accepted at the start or a resume need no second acceptance, but new ones do', async () => {
  const findings = () => unreadBy(['billing'], 50n, true);
  const { change, resume, cluster, folder } = await raised({ ...interrupted, findings });
  await using _ = folder;
  await expect(change).rejects.toMatchObject({ code: 'broker-refused' });
  await expect(resume(unreadBy(['billing', 'audit'], 60n, false))).rejects.toMatchObject({
    code: 'change-refused',
    message: expect.stringMatching(/not continued: group audit has not read 60[^;]*; give --accept-readers[^;]*$/),
  });
  const again = resume(unreadBy(['billing', 'audit'], 60n, true), { isFaulty: true });
  await expect(again).rejects.toMatchObject({ code: 'broker-refused' });
  await resume(unreadBy(['billing', 'audit'], 70n, false));
  expect(cluster.queues).toBe(16);
});
