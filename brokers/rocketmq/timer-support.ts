// Checks that a broker supports timer messages (5.0 and later); older ones silently ignore the delay.

import { AppError } from '../../core/errors.ts';
import type { Io } from '../driver.ts';
import { ask } from './ask.ts';
import type { RemotingClient } from './protocol/frame.ts';
import { encodeGetBrokerRuntimeInfo, parseGetBrokerRuntimeInfo } from './protocol/get-broker-runtime-info.ts';
import { parseRuntimeInfo } from './runtime-info.ts';

interface TimerSupport {
  /** @throws AppError unsupported-broker */
  check(address: string, action: string, io: Io): Promise<void>;
}

/** Each broker is asked once. */
export function createTimerSupport(client: RemotingClient): TimerSupport {
  const known = new Map<string, string>();
  return {
    async check(address, action, io) {
      let version = known.get(address);
      if (version === undefined) {
        const request = encodeGetBrokerRuntimeInfo();
        const table = await ask(client, { action, address }, request, parseGetBrokerRuntimeInfo, io);
        version = parseRuntimeInfo(table).version ?? 'unknown';
        known.set(address, version);
      }
      if (!/^[1-4]\./.test(version)) return;
      throw new AppError('unsupported-broker', `cannot ${action} on ${address}: its version ${version} has no timers`, {
        hint: 'use a delay level, or brokers of 5.0 and later',
      });
    },
  };
}
