import { expect, test } from 'vitest';
import { judgeMachine } from '../../../../loadgen/remote/machine-check.ts';

const now = new Date('2026-11-20T12:00:00Z');
const needs = { bytes: 256 * 2 ** 20, mostSecondsOff: 60, sentAt: now, answered: now };
const fit = {
  system: 'Linux',
  machine: 'x86_64',
  libc: 'glibc 2.36',
  free: '/dev/vda1 41152736 9345324 29690308 24% /',
  clock: String(now.getTime() / 1000),
};
const answer = (change: Partial<typeof fit> = {}) =>
  Object.entries({ ...fit, ...change })
    .map(([key, value]) => `${key} ${value}\n`)
    .join('');

test.each([
  ['x86_64', 'x64'],
  ['aarch64', 'arm64'],
])('accepts Linux on %s', (machine, architecture) => {
  expect(judgeMachine('east', answer({ machine }), needs)).toBe(architecture);
});

test.each(['glibc 2.28', 'glibc 3.0', 'ldd (Debian GLIBC 2.31-13) 2.31', 'ldd (GNU libc) 2.28'])(
  'accepts the C library %s',
  (libc) => expect(judgeMachine('east', answer({ libc }), needs)).toBe('x64'),
);

test.each([
  [{ libc: 'glibc 2.17' }, 'its C library is glibc 2.17, and Node needs glibc 2.28 or newer'],
  [{ libc: 'musl libc (x86_64)' }, 'its C library is musl'],
  [{ libc: '' }, 'its C library is unknown'],
  [{ machine: 'riscv64' }, 'its architecture is riscv64, not x64 or arm64'],
  [{ system: 'Darwin' }, 'its system is Darwin, not Linux'],
  [{ free: '/dev/vda1 41152736 41050336 102400 100% /' }, 'its disk has 100 MiB free, and 256 MiB are needed'],
  [{ free: '' }, 'its free disk space is unknown'],
])('refuses %j', (change, reason) => {
  expect(() => judgeMachine('east', answer(change), needs)).toThrow(reason);
});

test('names every problem at once', () => {
  const both = answer({ libc: 'glibc 2.17', machine: 'i686' });
  expect(() => judgeMachine('east', both, needs)).toThrow(/architecture is i686.*; its C library is glibc 2\.17/);
  expect(() => judgeMachine('east', '', needs)).toThrow(/system is unknown.*architecture is unknown/);
});

test('refuses a clock that is minutes off with both times, unless it is accepted', () => {
  const behind = answer({ clock: String(now.getTime() / 1000 - 300) });
  expect(() => judgeMachine('east', behind, needs)).toThrow(
    'the clock of host east says 2026-11-20T11:55:00.000Z, and here it is 2026-11-20T12:00:00.000Z',
  );
  expect(judgeMachine('east', behind, { ...needs, mostSecondsOff: undefined })).toBe('x64');
});
