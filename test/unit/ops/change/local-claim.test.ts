import { expect, test } from 'vitest';
import { refuseClaimed } from '../../../../ops/change/local-claim.ts';

test('a claim that another user wrote into a shared state folder is refused with a reason and a remedy', async () => {
  const unread = Object.assign(new Error("EACCES: permission denied, open '/var/lib/plimsoll/claim.json'"), {
    code: 'EACCES',
  });
  await expect(refuseClaimed({ others: () => Promise.reject(unread) }, 'orders')).rejects.toMatchObject({
    code: 'no-permission',
    message: expect.stringContaining('cannot read whether another process changes cluster orders: EACCES'),
    hint: expect.stringContaining('run it as the user who owns this folder'),
  });
});
