import { mkdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { AppError } from '../../../core/errors.ts';
import { fileFault } from '../../../lab/start-lab.ts';

const refusal = (code: string) =>
  Object.assign(new Error(`${code}: refused`), { code, syscall: 'open', path: '/lab/lab.json' });

test.each([
  ['ENOSPC', 'no-space'],
  ['EACCES', 'no-permission'],
  ['EROFS', 'no-permission'],
  ['ENOTDIR', 'usage'],
])('%s becomes the error %s with the name of the file', (code, fault) =>
  expect(fileFault(refusal(code))).toMatchObject({
    code: fault,
    message: expect.stringContaining('/lab/lab.json') as string,
  }),
);

test('a folder below a file is a usage error', () => {
  let thrown: unknown;
  try {
    mkdirSync('/dev/null/lab', { recursive: true });
  } catch (error) {
    thrown = fileFault(error);
  }
  expect(thrown).toMatchObject({ code: 'usage' });
});

test('app errors and unexpected errors are passed on unchanged', () => {
  const [fault, defect] = [new AppError('lab-failed', 'it died'), new TypeError('defect')];
  expect(fileFault(fault)).toBe(fault);
  expect(fileFault(defect)).toBe(defect);
});
