// Environment in which a program has a clock that a test sets.

/**
 * With FAKETIME (`-20m`) or FAKETIME_TIMESTAMP_FILE; the monotonic clock stays that of the machine. Of Debian's package. A library
 * that is loaded with RTLD_DEEPBIND keeps the clock of the machine, as libkrb5 does in the npm package `kerberos`.
 */
export const withSetClock = {
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
} as const;
