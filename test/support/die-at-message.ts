// Preloaded into a command: sends SIGKILL to itself after it has written the expected message. On a busy machine, another process would be
// too late.

const awaited = process.env.PLIMSOLL_TEST_DIE_AT;
if (awaited !== undefined) {
  const sign = new RegExp(awaited);
  const write = process.stderr.write.bind(process.stderr) as (...given: unknown[]) => boolean;
  let written = '';
  process.stderr.write = (...given: unknown[]) => {
    const went = write(...given);
    written += String(given[0]);
    // Pipes are written synchronously on Linux, so the message has been sent.
    if (sign.test(written)) process.kill(process.pid, 'SIGKILL');
    return went;
  };
}
