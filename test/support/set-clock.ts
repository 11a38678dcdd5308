// Provides the environment in which a program uses a clock that a test sets.

/**
 * Used with FAKETIME (`-20m`) or FAKETIME_TIMESTAMP_FILE; the monotonic clock stays that of the machine. From Debian's package. A
 * library that is loaded with RTLD_DEEPBIND uses the clock of the machine, as libkrb5 does in the npm package `kerberos`.
 */
export const withSetClock = {
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
} as const;
