// Bounds the time that kafkajs takes to leave: a broker that is gone cannot be told, and the session times out there.

import { ignoreFault } from '../../../core/ignore-fault.ts';

const farewellMs = 1500;

export async function withinFarewell(farewell: Promise<unknown>): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, farewellMs);
  await Promise.race([farewell.catch(ignoreFault('the broker notices a closed connection itself')), late]).finally(() =>
    clearTimeout(timer),
  );
}
