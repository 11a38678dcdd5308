// Preloaded into a command: SIGKILL by its own hand as soon as it has written the awaited message. Another process
// would come too late on a busy machine.

const awaited = process.env.PLIMSOLL_TEST_DIE_AT;
if (awaited !== undefined) {
  const sign = new RegExp(awaited);
  const write = process.stderr.write.bind(process.stderr) as (...given: unknown[]) => boolean;
  let written = '';
  process.stderr.write = (...given: unknown[]) => {
    const went = write(...given);
    written += String(given[0]);
    // Pipes are written synchronously on Linux: the message has left.
    if (sign.test(written)) process.kill(process.pid, 'SIGKILL');
    return went;
  };
}
