import { expect, test } from 'vitest';
import { writeNew } from '../../../../app/files/write-new.ts';

test('a full disk is reported with its own remedy, not that of the path', () =>
  expect(writeNew('/dev/full', 'x', { force: true, hint: 'name another file' })).rejects.toMatchObject({
    code: 'no-space',
    hint: expect.stringContaining('space'),
  }));
