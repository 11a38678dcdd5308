import { expect, test, vi } from 'vitest';
import { isInside, runInside } from '../../../../loadgen/execute/network-namespace.ts';

const io = { signal: new AbortController().signal, environment: {} };

test('a user other than root gets the error before anything starts', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(1000);
  await expect(runInside('lab', io)).rejects.toMatchObject({ code: 'no-permission', exitCode: 5 });
});

test('a missing namespace is named, with a hint on how to create one', async () => {
  vi.spyOn(process, 'getuid').mockReturnValue(0);
  await expect(runInside('no-such-namespace', io)).rejects.toMatchObject({
    code: 'prerequisite-missing',
    message: 'no network namespace no-such-namespace on this machine',
    hint: expect.stringContaining('--nic') as string,
  });
});

test('a process inside one namespace is not inside another', () => {
  const environment = { PLIMSOLL_NETWORK_NAMESPACE: 'lab' };
  expect([isInside('lab', environment), isInside('other', environment), isInside('lab', {})]).toEqual([
    true,
    false,
    false,
  ]);
});
