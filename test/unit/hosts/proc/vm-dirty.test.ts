import { expect, test } from 'vitest';
import { parseVmDirty } from '../../../../hosts/proc/memory.ts';

const kernel = (over: Partial<Parameters<typeof parseVmDirty>[0]>) =>
  parseVmDirty({ expireCentisecs: '3000\n', bytes: '0\n', ratio: '20\n', ...over }, 1000);

test('uses the ratio of the available memory while no bytes are set', () =>
  expect(kernel({})).toEqual({ expireSeconds: 30, dirtyThresholdBytes: 200 }));

test('uses the bytes if they are set, because the ratio then reads 0', () =>
  expect(kernel({ bytes: '4096\n', ratio: '0\n' })).toEqual({ expireSeconds: 30, dirtyThresholdBytes: 4096 }));

test('the threshold is unknown if neither can be read', () =>
  expect(kernel({ bytes: undefined, ratio: undefined })).toEqual({ expireSeconds: 30 }));

test('returns nothing without the expiry time', () => expect(kernel({ expireCentisecs: '' })).toBeUndefined());
