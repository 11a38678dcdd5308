// Checks architecture, C library, disk and clock of a machine with one command before any copy.

import { AppError } from '../../core/errors.ts';

/** Runs in any POSIX shell; a missing tool leaves its line empty. */
export const checkCommand = [
  'printf "system %s\\n" "$(uname -s)"',
  'printf "machine %s\\n" "$(uname -m)"',
  'printf "libc %s\\n" "$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | head -n 1)"',
  'printf "free %s\\n" "$(df -Pk "$HOME" | tail -n 1)"',
  'printf "clock %s\\n" "$(date +%s)"',
].join('; ');

export type Architecture = 'x64' | 'arm64';

interface MachineNeeds {
  /** Bytes of the program, packed and unpacked together. */
  bytes: number;
  /** Undefined accepts every clock offset. */
  mostSecondsOff: number | undefined;
  /** Times at which the command was sent and answered. */
  sentAt: Date;
  answered: Date;
}

const architectures: Readonly<Record<string, Architecture>> = {
  x86_64: 'x64',
  amd64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
};

/** BUILDING.md of Node 24: official binaries for Linux require glibc 2.28. */
const oldestGlibc = [2, 28] as const;

/** @param answer output of `checkCommand` @throws AppError machine-unfit, clock-off: naming all problems */
export function judgeMachine(name: string, answer: string, needs: MachineNeeds): Architecture {
  const answers = new Map(
    answer.split('\n').flatMap((line) => {
      const [, key, value] = /^(\w+) (.*)$/.exec(line) ?? [];
      return key === undefined ? [] : [[key, (value ?? '').trim()] as const];
    }),
  );
  const architecture = architectures[answers.get('machine') ?? ''];
  const reasons = [
    ...systemProblem(answers.get('system')),
    ...(architecture === undefined
      ? [`its architecture is ${answers.get('machine') ?? 'unknown'}, not x64 or arm64`]
      : []),
    ...libraryProblem(answers.get('libc')),
    ...diskProblem(answers.get('free'), needs.bytes),
  ];
  if (reasons.length > 0 || architecture === undefined) {
    throw new AppError('machine-unfit', `host ${name} cannot become a worker: ${reasons.join('; ')}`);
  }
  checkClock(name, answers.get('clock'), needs);
  return architecture;
}

const systemProblem = (system = 'unknown') => (system === 'Linux' ? [] : [`its system is ${system}, not Linux`]);

function libraryProblem(libc = ''): string[] {
  const [, major, minor] = /^(?:glibc|ldd .*(?:GLIBC|GNU libc).*?) ?(\d+)\.(\d+)/.exec(libc) ?? [];
  const wanted = `Node needs glibc ${oldestGlibc.join('.')} or newer`;
  if (major === undefined) {
    const isMusl = /musl/i.test(libc);
    return [isMusl ? `its C library is musl, and ${wanted}` : `its C library is unknown, and ${wanted}`];
  }
  const isNew = Number(major) > oldestGlibc[0] || (Number(major) === oldestGlibc[0] && Number(minor) >= oldestGlibc[1]);
  return isNew ? [] : [`its C library is glibc ${major}.${minor}, and ${wanted}`];
}

/** @param row the last line of `df -Pk`: file system, blocks of 1024, used, available, share, mount */
function diskProblem(row: string | undefined, bytes: number): string[] {
  const available = Number(/\s(\d+)\s+\d+%\s/.exec(row ?? '')?.[1] ?? Number.NaN) * 1024;
  if (Number.isNaN(available)) return ['its free disk space is unknown'];
  const mib = (value: number) => `${Math.round(value / 2 ** 20)} MiB`;
  return available >= bytes ? [] : [`its disk has ${mib(available)} free, and ${mib(bytes)} are needed`];
}

function checkClock(name: string, said: string | undefined, { mostSecondsOff, sentAt, answered }: MachineNeeds): void {
  const there = Number(said) * 1000;
  if (mostSecondsOff === undefined) return;
  if (!said || Number.isNaN(there)) {
    throw new AppError('clock-off', `host ${name} did not report its time`, {
      hint: 'check that `date +%s` works on it',
    });
  }
  const off = Math.max(sentAt.getTime() - 1000 - there, there - answered.getTime(), 0) / 1000;
  if (off <= mostSecondsOff) return;
  throw new AppError(
    'clock-off',
    `the clock of host ${name} says ${new Date(there).toISOString()}, and here it is ${answered.toISOString()}`,
  );
}
