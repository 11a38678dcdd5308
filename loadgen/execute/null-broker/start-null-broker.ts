// Starts a null broker as a separate process, so that its CPU time does not count as the client's.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { traitsOf } from '../../../core/broker-kind/registry.ts';
import type { BrokerKind } from '../../../core/cluster.ts';
import { AppError, awaitedElsewhere } from '../../../core/errors.ts';
import { loopback } from './framed-server.ts';

/** The code runs from sources and from dist/. */
const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
const entry = fileURLToPath(new URL(`./null-broker-process${extension}`, import.meta.url));

/** Far more than Node needs to start, even on busy cores. */
const startSeconds = 10;

/** @param partitions partitions of every topic @throws AppError run-failed if it does not start */
export async function startNullBroker(broker: BrokerKind, partitions: number, { signal }: { signal: AbortSignal }) {
  const child = spawn(process.execPath, [entry, broker, String(partitions)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const dispose = () => {
    child.stdin.destroy();
    child.kill();
  };
  // Node sets the pid before it reports an error.
  const failed = new Promise<never>((_, reject) => {
    const fail = (why: string) =>
      reject(
        new AppError('run-failed', `the null broker did not start: ${why}`, {
          hint: '--no-calibration skips the measurement of the load generator',
        }),
      );
    child.once('error', ({ message }) => fail(message));
    child.once('exit', (code) => fail(`it ended with code ${code}`));
    AbortSignal.timeout(1000 * startSeconds).addEventListener('abort', () => fail(`no port within ${startSeconds} s`));
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
  failed.catch(awaitedElsewhere);
  try {
    signal.throwIfAborted();
    const [line] = await Promise.race([once(createInterface(child.stdout), 'line'), failed]);
    const address = `${loopback}:${String(line)}`;
    return { address, pid: child.pid ?? 0, config: configOf(broker, address), [Symbol.dispose]: dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

const configOf = (broker: BrokerKind, address: string) => ({ broker, [traitsOf(broker).discovery.key]: [address] });
