import { expect, test } from 'vitest';
import { readBytes } from '../../../../app/files/read-bounded.ts';

test('a device, whose size is 0, is read up to the limit', async () => {
  const reading = readBytes('/dev/zero', { signal: AbortSignal.timeout(4000) }, { most: 1000 });
  await expect(reading).rejects.toThrow('cannot read /dev/zero: it has more than 1000 bytes');
});
