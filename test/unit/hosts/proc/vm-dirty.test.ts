import { expect, test } from 'vitest';
import { parseVmDirty } from '../../../../hosts/proc/vm-dirty.ts';

const kernel = (over: Partial<Parameters<typeof parseVmDirty>[0]>) =>
  parseVmDirty({ expireCentisecs: '3000\n', bytes: '0\n', ratio: '20\n', ...over }, 1000);

test('takes the ratio of the available memory while no bytes are set', () =>
  expect(kernel({})).toEqual({ expireSeconds: 30, dirtyThresholdBytes: 200 }));

test('takes the bytes when they are set, for then the ratio reads 0', () =>
  expect(kernel({ bytes: '4096\n', ratio: '0\n' })).toEqual({ expireSeconds: 30, dirtyThresholdBytes: 4096 }));

test('knows no threshold when neither can be read', () =>
  expect(kernel({ bytes: undefined, ratio: undefined })).toEqual({ expireSeconds: 30 }));

test('knows nothing without the time', () => expect(kernel({ expireCentisecs: '' })).toBeUndefined());
