import { expect, test } from 'vitest';
import { changeDocument, changeText } from '../../../cli/change/print-change.ts';
import { seconds } from '../../../core/clock.ts';
import { finding } from '../../../ops/change/change-kind.ts';

const steps = [
  {
    id: 'close',
    by: 'plimsoll' as const,
    description: 'close it',
    zh: '禁写',
    pause: seconds(1),
    run: async () => ({ kind: 'done' as const, evidence: [] }),
    undo: { description: 'open it', zh: '恢复写入', run: async () => [] },
  },
  {
    id: 'stop',
    by: 'operator' as const,
    description: 'stop it',
    zh: '停机',
    how: ['sh bin/mqshutdown broker'],
    pause: seconds(1),
    run: async () => ({ kind: 'done' as const, evidence: [] }),
    undo: { none: 'its machine is gone', zh: '主机已不存在' },
  },
];
const told = {
  cluster: 'lab',
  change: 'scale-in',
  subject: 'broker-b',
  status: 'held' as const,
  facts: { brokerName: 'broker-b' },
  findings: [finding('warning', 'order-moves', 'keys move')],
  steps,
  records: [{ id: 'close', begunAt: '2026-11-20T10:00:00Z', doneAt: '2026-11-20T10:00:01Z', evidence: ['6 → 4'] }],
  holds: [{ what: 'it answers\u001b[2J', zh: '仍在响应', until: new Date('2026-11-23T00:00:00Z') }],
  path: '/state/x.json',
};

test('shows a change with its steps, operator commands, findings, and what holds it until when', () => {
  expect(changeText(told)).toBe(`scale-in of broker-b on cluster lab: started, held back

STEP   BY        STATE  WHAT
close  plimsoll  done   close it
stop   operator  to do  stop it

stop, by an operator:
  sh bin/mqshutdown broker

warning: keys move
held back by:
  it answers·[2J; the block ends at 2026-11-23T00:00:00Z at the latest

--resume continues, --abort rolls back
`);
});

test('a plan lists how each step is undone, or why it cannot be', () => {
  expect(changeText({ ...told, status: 'planned', records: [], holds: [] })).toContain(`
undo:
  close: open it
  stop: none: its machine is gone
`);
});

test('a refused plan without steps does not state that nothing has to change', () => {
  const findings = [finding('critical', 'offsets-unread', 'no leader answers for these partitions of orders: 3')];
  expect(changeText({ ...told, status: 'planned', findings, steps: [], records: [], holds: [] })).toBe(
    `scale-in of broker-b on cluster lab: refused, nothing was changed
critical: no leader answers for these partitions of orders: 3
`,
  );
});

test('a plan with a critical finding is refused, and its text does not offer --execute', () => {
  const planned = { ...told, status: 'planned' as const, records: [], holds: [] };
  const findings = [finding('critical', 'queues-hold-messages', 'queue 7 of topic orders holds 12 messages')];
  const text = changeText({ ...planned, findings });
  expect(text).toContain('--execute refuses this plan until its critical findings are resolved\n');
  expect(text).not.toContain('carries the plan out');
  expect(changeText(planned)).toContain('--execute carries the plan out after you confirm the cluster');
});

test.each(['planned', 'done'] as const)(
  'a change without steps, %s, shows its findings and does not offer --execute',
  (status) => {
    const findings = [finding('info', 'nothing-to-do', 'retention.ms of topic orders is 86400000 already')];
    expect(changeText({ ...told, status, findings, steps: [], records: [], holds: [] })).toBe(
      `scale-in of broker-b on cluster lab: nothing to change
info: retention.ms of topic orders is 86400000 already
`,
    );
  },
);

test('the document contains no functions, and each step with its state and evidence', () => {
  expect(changeDocument(told, undefined)).toMatchObject({
    schemaVersion: 2,
    status: 'held',
    steps: [
      { id: 'close', state: 'done', undo: 'open it', evidence: ['6 → 4'], zh: { says: '禁写', undo: '恢复写入' } },
      { id: 'stop', state: 'to do', how: ['sh bin/mqshutdown broker'], evidence: [], zh: { undo: '无：主机已不存在' } },
    ],
    holds: [{ zh: '仍在响应', until: '2026-11-23T00:00:00.000Z' }],
    stateFile: '/state/x.json',
  });
});
