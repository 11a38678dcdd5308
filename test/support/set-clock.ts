// Environment in which a program has a clock that a test sets.

/** With FAKETIME (`+20m`) or FAKETIME_TIMESTAMP_FILE; the monotonic clock stays that of the machine. Of Debian's package. */
export const withSetClock = {
  LD_PRELOAD: '/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1',
  FAKETIME_DONT_FAKE_MONOTONIC: '1',
} as const;
