import { expect, test } from 'vitest';
import { refuseChanged } from '../../../../../ops/kafka/execute/refuse-changed.ts';
import { cluster, lying, wanted } from '../../../../support/carried-reassignment.ts';
import { placed } from '../../../../support/reassign-journal.ts';

test('refuses a plan if the cluster has changed since', async () => {
  const pretend = cluster();
  const io = { signal: new AbortController().signal };
  await refuseChanged(pretend.changes, placed(lying), io);
  await expect(refuseChanged(pretend.changes, placed(wanted), io)).rejects.toMatchObject({
    code: 'change-refused',
    message: 'the change was not started: since it was planned, the replicas of orders-1 were changed: 4,2 → 2,1',
  });
  pretend.moving.set('orders-0', { target: [1, 9], adding: [9], begun: Infinity });
  await expect(refuseChanged(pretend.changes, placed(lying), io)).rejects.toThrow('orders-0 are being moved');
});
